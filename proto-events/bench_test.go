package events

import "testing"

func BenchmarkEncode(b *testing.B) {
	ev := samples()[0]
	for b.Loop() {
		if _, err := Encode(ev, "/tickler/api", ""); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	value := must(b, samples()[0])
	for b.Loop() {
		if _, err := Decode(TaskCreated, value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFrame(b *testing.B) {
	ev := samples()[0]
	for b.Loop() {
		if _, err := Frame(ev); err != nil {
			b.Fatal(err)
		}
	}
}

func must(b *testing.B, ev Event) []byte {
	r, err := Encode(ev, "/tickler/api", "")
	if err != nil {
		b.Fatal(err)
	}
	return r.Value
}
