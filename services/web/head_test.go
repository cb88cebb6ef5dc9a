package main

import (
	"net/http"
	"testing"
)

// Not every wire behind us has HEAD wherever it has GET.
func TestAHeadReachesItsServiceAsOne(t *testing.T) {
	s := start(t)
	res, err := http.Head(s.address + "/api/auth/ok")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("X-Asked") != "HEAD" {
		t.Errorf("%d, asked with %q", res.StatusCode, res.Header.Get("X-Asked"))
	}
}
