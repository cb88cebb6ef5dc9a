package catcher

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"reflect"
	"strings"
	"testing"
	"time"
)

// serve runs a catcher and returns where it takes letters and where it shows them.
func serve(t *testing.T) (letters, pages string) {
	t.Helper()
	listen := func() net.Listener {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return listener
	}
	post, web := listen(), listen()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- new(Catcher).Serve(ctx, post, web) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return post.Addr().String(), "http://" + web.Addr().String()
}

func do(t *testing.T, method, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		t.Fatalf("%s %s: %s %s %v", method, url, res.Status, body, err)
	}
	return string(body)
}

func caught(t *testing.T, pages string) []Message {
	t.Helper()
	var list struct{ Messages []Message }
	if err := json.Unmarshal([]byte(do(t, "GET", pages+"/messages")), &list); err != nil {
		t.Fatal(err)
	}
	return list.Messages
}

const letter = `From: Tickler <tickler@localhost>
To: Ada <ada@example.org>
Subject: =?utf-8?q?Pay_rent_=E2=80=93_now?=
Message-ID: <1@localhost>
List-Unsubscribe: <http://127.0.0.1/u>
X-Twice: a
X-Twice: b
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Caf=E9, see http://127.0.0.1:3000/reset?a=1&b=2=
.
--inner
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PGI+Q2Fmw6k8L2I+PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==
--inner--

--outer
Content-Type: text/calendar
Content-Disposition: attachment; filename=a.ics

BEGIN:VCALENDAR
--outer--
`

func TestALetterIsShownAsItsReaderWouldSeeIt(t *testing.T) {
	t.Parallel()
	letters, pages := serve(t)
	if got := do(t, "GET", pages+"/messages"); got != "{\"messages\":[]}\n" {
		t.Errorf("before the first letter: %s", got)
	}
	if err := smtp.SendMail(letters, nil, "tickler@localhost", []string{"ada@example.org", "bob@example.org"},
		[]byte(strings.ReplaceAll(letter, "\n", "\r\n"))); err != nil {
		t.Fatal(err)
	}
	list := caught(t, pages)
	want := Message{
		From: "tickler@localhost", To: []string{"ada@example.org", "bob@example.org"}, Subject: "Pay rent – now",
		Text: "Café, see http://127.0.0.1:3000/reset?a=1&b=2.",
		HTML: "<b>Café</b><script>alert(1)</script>",
		Headers: map[string]string{
			"From": "Tickler <tickler@localhost>", "To": "Ada <ada@example.org>", "Subject": "Pay rent – now",
			"Message-ID": "<1@localhost>", "List-Unsubscribe": "<http://127.0.0.1/u>", "X-Twice": "a, b",
			"MIME-Version": "1.0", "Content-Type": "multipart/mixed; boundary=outer",
		},
	}
	if len(list) != 1 || time.Since(list[0].ReceivedAt) > time.Minute {
		t.Fatalf("caught %+v", list)
	}
	list[0].ReceivedAt = time.Time{}
	if !reflect.DeepEqual(list[0], want) {
		t.Errorf("got  %+v\nwant %+v", list[0], want)
	}
	shown := do(t, "GET", pages+"/")
	if !strings.Contains(shown, `<a href="http://127.0.0.1:3000/reset?a=1&amp;b=2.">`) || strings.Contains(shown, "<script>") {
		t.Errorf("the page: %s", shown)
	}
	do(t, "DELETE", pages+"/messages")
	if list := caught(t, pages); len(list) != 0 {
		t.Errorf("after it was emptied: %+v", list)
	}
}

func TestALetterThatIsNoneIsShownAsItCame(t *testing.T) {
	t.Parallel()
	letters, pages := serve(t)
	if err := smtp.SendMail(letters, nil, "a@localhost", []string{"b@localhost"}, []byte("no header\r\nat all\r\n")); err != nil {
		t.Fatal(err)
	}
	if list := caught(t, pages); len(list) != 1 || !strings.Contains(list[0].Text, "at all") {
		t.Errorf("caught %+v", list)
	}
}

func TestOldLettersMakeRoom(t *testing.T) {
	t.Parallel()
	var c Catcher
	for i := range maxMessages + 5 {
		c.add(Message{size: i})
	}
	if list := c.list(); len(list) != maxMessages || list[0].size != 5 {
		t.Errorf("%d are kept, from %d", len(list), list[0].size)
	}
	c.add(Message{size: maxBytes - 1})
	if list := c.list(); len(list) > 2 || c.bytes > maxBytes {
		t.Errorf("%d are kept, of %d bytes", len(list), c.bytes)
	}
}
