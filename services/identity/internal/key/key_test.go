package key

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func TestTheKeyWhoseTimeCameLastSigns(t *testing.T) {
	t.Parallel()
	first, _, err := Next(nil, noon, time.Minute)
	if err != nil || !first.SignsFrom.Equal(noon) {
		t.Fatalf("the first key signs from %v, %v", first.SignsFrom, err)
	}
	second, expire, err := Next([]Key{first}, noon.Add(time.Hour), time.Minute)
	if err != nil || !second.SignsFrom.Equal(noon.Add(time.Hour+Lead)) || !expire.Equal(second.SignsFrom.Add(time.Minute+Grace)) {
		t.Fatalf("the second signs from %v, the first expires %v, %v", second.SignsFrom, expire, err)
	}
	first.ExpiresAt = &expire
	keys := []Key{first, second}
	for at, want := range map[time.Time]string{
		noon.Add(-1): "", noon: first.ID, second.SignsFrom.Add(-1): first.ID, second.SignsFrom: second.ID, expire: second.ID,
	} {
		got, ok := signing(keys, at)
		if got.ID != want || ok != (want != "") {
			t.Errorf("at %v %q signs", at, got.ID)
		}
	}
	if first.ID == second.ID || len(first.ID) != 43 {
		t.Errorf("ids %s, %s", first.ID, second.ID)
	}
}

// The example of RFC 8037, appendix A.3.
func TestAKeyIsNamedByItsThumbprint(t *testing.T) {
	t.Parallel()
	public := []byte{
		0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
		0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
	}
	if got := thumbprint(public); got != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Errorf("got %s", got)
	}
}
