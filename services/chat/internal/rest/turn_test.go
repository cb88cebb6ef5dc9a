package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// echo says what it is told: of the conversation before, and of the message.
func echo(_ context.Context, turn conversation.Turn, _ conversation.Emit) (conversation.Step, error) {
	return conversation.Step{
		Text: fmt.Sprintf("%d before, memory %s: %s", len(turn.History), turn.Memory, turn.Message), Memory: json.RawMessage(fmt.Sprintf("%d", len(turn.History))),
	}, nil
}

func TestTheLastFiftyMessagesAreRemembered(t *testing.T) {
	b := setup(t, echo)
	first := b.say("ada", "", "one")
	in := first.conversation()
	if first.response() != "0 before, memory : one" {
		t.Errorf("%s", first.response())
	}
	for range 26 {
		b.say("ada", in, "more")
	}
	if last := b.say("ada", in, "last").response(); last != "50 before, memory 50: last" {
		t.Errorf("%s", last)
	}
}

func TestAnotherAnswerReplacesTheLast(t *testing.T) {
	b := setup(t, func(ctx context.Context, turn conversation.Turn, emit conversation.Emit) (conversation.Step, error) {
		if turn.Message == "add" {
			return calls(call("add_task", `{"title":"Buy milk"}`))(ctx, turn, emit)
		}
		return echo(ctx, turn, emit)
	})
	in := b.say("ada", "", "one").conversation()
	b.say("ada", in, "two")
	again := b.send("ada", "POST", "chat", `{"conversation_id":"`+in+`","trigger":"regenerate-message"}`, inJSON)
	if again.response() != "2 before, memory 0: two" {
		t.Errorf("%s", again.text)
	}
	kept := b.send("ada", "GET", "conversations/"+in, "").body["messages"].([]any)
	if len(kept) != 4 || kept[3].(map[string]any)["id"] != again.body["messages"].([]any)[1].(map[string]any)["id"] {
		t.Errorf("%v", kept)
	}
	// What was done is not done again, however often it is answered.
	b.say("ada", in, "add")
	for range 2 {
		a := b.send("ada", "POST", "chat", `{"conversation_id":"`+in+`","trigger":"regenerate-message"}`, inJSON)
		if !strings.HasSuffix(a.response(), "add_task success") || len(b.town.Tasks("ada")) != 1 {
			t.Errorf("%s; %+v", a.text, b.town.Tasks("ada"))
		}
	}
}

// slow is a planner that speaks, waits at a gate, and speaks on.
func slow(g *gate) script {
	return func(ctx context.Context, turn conversation.Turn, emit conversation.Emit) (conversation.Step, error) {
		emit("Once upon ")
		if err := g.wait(ctx); err != nil {
			return conversation.Step{}, err
		}
		emit("a time.")
		return conversation.Step{Text: "Once upon a time."}, nil
	}
}

// begin says something to be streamed, and returns the conversation when it is under way.
func (b *bench) begin(user, in, message string) (string, *http.Response) {
	b.Helper()
	body, err := json.Marshal(map[string]any{"message": message, "conversation_id": map[bool]any{true: nil, false: in}[in == ""]})
	b.must(err)
	res := b.open(b.Context(), user, "POST", "chat", string(body))
	buf, text := make([]byte, 4096), ""
	for !strings.Contains(text, "Once upon ") {
		n, err := res.Body.Read(buf)
		b.must(err)
		text += string(buf[:n])
	}
	return res.Header.Get("X-Conversation-Id"), res
}

func TestWhatWasSaidBeforeItWasStoppedIsKept(t *testing.T) {
	g := newGate()
	b := setup(t, slow(g))
	defer g.open()
	far := b.replica(slow(g))
	for _, stopper := range []*bench{b, far} { // the instance that runs the turn, and another
		in, res := b.begin("ada", "", "tell me a story")
		if a := stopper.send("ada", "POST", "conversations/"+in+"/stop", ""); a.status != 204 {
			t.Errorf("%d %s", a.status, a.text)
		}
		rest := read(t, res)
		if !strings.HasSuffix(rest, `{"type":"finish-step"}`+"\n\n"+`data: {"type":"abort"}`+"\n\ndata: [DONE]\n\n") {
			t.Errorf("it ended with %s", rest)
		}
		kept := b.send("ada", "GET", "conversations/"+in, "")
		if !strings.Contains(kept.text, `"text":"Once upon "`) || strings.Contains(kept.text, "streaming") {
			t.Errorf("%s", kept.text)
		}
		if a := stopper.send("ada", "POST", "conversations/"+in+"/stop", ""); a.status != 204 {
			t.Errorf("where nothing runs: %d", a.status)
		}
	}
}

func read(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	var text strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := res.Body.Read(buf)
		text.Write(buf[:n])
		if err != nil {
			return text.String()
		}
	}
}

func TestAnAnswerIsFollowedAfterAReloadAndFromAnotherReplica(t *testing.T) {
	g := newGate()
	b := setup(t, slow(g))
	defer g.open()
	far := b.replica(slow(g))
	in, res := b.begin("ada", "", "tell me a story")
	res.Body.Close() // the page is closed: the turn goes on
	if a := b.send("ada", "GET", "conversations/"+in, ""); len(a.body["messages"].([]any)) != 1 {
		t.Errorf("while it runs: %s", a.text)
	}
	ended := make(chan answer, 2)
	for _, where := range []*bench{b, far} {
		go func() { ended <- where.send("ada", "GET", "conversations/"+in+"/stream", "") }()
	}
	time.AfterFunc(300*time.Millisecond, g.open) // so that the far one has something to wait for; it works without
	for range 2 {
		a := <-ended
		text := ""
		for _, f := range a.frames {
			delta, _ := f["delta"].(string)
			text += delta
		}
		want := []string{"start", "start-step", "text-start", "text-delta", "text-end", "finish-step", "finish"}
		if text != "Once upon a time." || !slices.Equal(a.types(), want) || a.header.Get("X-Vercel-AI-UI-Message-Stream") != "v1" {
			t.Errorf("%q in %v: %s", text, a.types(), a.text)
		}
	}
	for _, where := range []*bench{b, far} {
		if a := where.send("ada", "GET", "conversations/"+in+"/stream", ""); a.status != 204 {
			t.Errorf("where nothing runs: %d", a.status)
		}
	}
}

func TestASecondTurnWaitsForTheFirstThenGivesUp(t *testing.T) {
	first, second := newGate(), newGate()
	b := setup(t, slow(first))
	defer first.open()
	defer second.open()
	far := b.replica(slow(second))
	in, res := b.begin("ada", "", "one")
	began := time.Now()
	if a := far.say("ada", in, "two"); a.status != 409 || a.body["code"] != "conflict" || time.Since(began) < 4*time.Second {
		t.Errorf("%d after %v: %s", a.status, time.Since(began), a.text)
	}
	waits := make(chan answer, 1)
	second.open()
	go func() { waits <- far.say("ada", in, "three") }()
	first.open()
	read(t, res)
	if a := <-waits; a.status != 200 || a.response() != "Once upon a time." {
		t.Errorf("%d %s", a.status, a.text)
	}
	kept := b.send("ada", "GET", "conversations/"+in, "").body["messages"].([]any)
	var roles []string
	for _, m := range kept {
		roles = append(roles, m.(map[string]any)["role"].(string))
	}
	if !slices.Equal(roles, []string{"user", "assistant", "user", "assistant"}) {
		t.Errorf("%v", roles)
	}
}

// A replica that dies in the middle of a call leaves a lease that ends, and the conversation
// says what is known.
func TestAConversationOutlivesTheDeathOfItsWriter(t *testing.T) {
	b := setup(t, echo)
	in := b.say("ada", "", "one").conversation()
	ask := conversation.Ask{UserID: "ada", Conversation: mustID(t, in), Message: "two", Request: "r"}
	begun, err := b.service.Turns.Begin(t.Context(), ask, time.Now())
	b.must(err)
	parts := []conversation.Part{conversation.Words("I will add it."), {Type: conversation.Tool, ToolCallID: "c1", ToolName: "add_task", Input: json.RawMessage(`{}`), State: conversation.Called}}
	_, err = b.service.Turns.Beat(t.Context(), "ada", begun.Turn, parts)
	b.must(err) // and here it dies
	follow := b.send("ada", "GET", "conversations/"+in+"/stream", "")
	if types := follow.types(); types[len(types)-1] != "error" {
		t.Errorf("whoever follows hears %v", types)
	}
	kept := b.send("ada", "GET", "conversations/"+in, "").text
	if !strings.Contains(kept, "whether it was done is not known") || !strings.Contains(kept, `"state":"output-error"`) {
		t.Errorf("%s", kept)
	}
	if a := b.say("ada", in, "three"); a.status != 200 {
		t.Errorf("%d %s", a.status, a.text)
	}
	if err := b.service.Turns.End(t.Context(), "ada", begun.Turn, conversation.End{Status: conversation.Done}); !errors.Is(err, conversation.ErrLost) {
		t.Errorf("the dead one comes back: %v", err)
	}
}

func TestARequestWithAKeyIsOneTurn(t *testing.T) {
	b := setup(t, calls(call("add_task", `{"title":"Buy milk"}`)))
	first := b.say("ada", "", "Buy milk", "Idempotency-Key: k1")
	again := b.say("ada", "", "Buy milk", "Idempotency-Key: k1")
	if again.status != 200 || again.conversation() != first.conversation() || again.header.Get("Idempotency-Replayed") != "true" || again.response() != first.response() {
		t.Errorf("%d %v %s", again.status, again.header, again.text)
	}
	streamed := b.send("ada", "POST", "chat", `{"message":"Buy milk"}`, "Idempotency-Key: k1")
	if types := streamed.types(); streamed.status != 200 || types[len(types)-1] != "finish" {
		t.Errorf("streamed: %d %v", streamed.status, types)
	}
	if a := b.say("ada", "", "Buy eggs", "Idempotency-Key: k1"); a.status != 409 {
		t.Errorf("another body: %d", a.status)
	}
	for headers, want := range map[[2]string]int{
		{"Idempotency-Key: \xff", "Idempotency-Window: 60"}: 400, {"Idempotency-Key: k2", "Idempotency-Window: 0"}: 422, {"Idempotency-Key: k2", "Idempotency-Window: 86401"}: 422,
	} {
		if a := b.say("ada", "", "Buy eggs", headers[:]...); a.status != want {
			t.Errorf("%q: %d %s", headers, a.status, a.text)
		}
	}
	if a := b.say("bob", "", "Buy milk", "Idempotency-Key: k1"); a.status != 200 || a.conversation() == first.conversation() {
		t.Errorf("another person: %d", a.status)
	}
	if n := len(b.town.Tasks("ada")); n != 1 {
		t.Errorf("%d tasks", n)
	}
}

func TestWhoAsksTooOftenWaits(t *testing.T) {
	b := setup(t, echo)
	in := b.say("ada", "", "hello").conversation()
	for range 200 {
		a := b.say("ada", in, "hello")
		if a.status == 200 {
			continue
		}
		if a.status != 429 || a.header.Get("Retry-After") == "" {
			t.Errorf("%d %v %s", a.status, a.header, a.text)
		}
		if other := b.say("bob", "", "hello"); other.status != 200 {
			t.Errorf("another waits too: %d", other.status)
		}
		return
	}
	t.Error("nobody waits")
}
