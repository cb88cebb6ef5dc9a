package testkit_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/testkit"
)

func TestAMintedTokenIsTakenAsIdentitysWouldBe(t *testing.T) {
	t.Parallel()
	tokens := testkit.Tokens(t)
	verifier := auth.New(auth.Settings{Issuer: tokens.Issuer, Audience: tokens.Audience, JWKSURL: tokens.JWKSURL}, slog.New(slog.DiscardHandler), nil)
	p, err := verifier.Verify(t.Context(), tokens.Mint("ada", map[string]any{"scope": "audit:read", "sid": nil}))
	if err != nil || p.UserID != "ada" || !p.May(auth.AuditRead) || p.May(auth.TasksWrite) || p.SessionID != "" {
		t.Errorf("%+v, %v", p, err)
	}
	for _, wrong := range []map[string]any{{"iss": "elsewhere"}, {"aud": "elsewhere"}, {"exp": time.Now().Add(-time.Hour)}, {"exp": nil}} {
		if p, err := verifier.Verify(t.Context(), tokens.Mint("ada", wrong)); fault.KindOf(err) != fault.Unauthorized {
			t.Errorf("%v: %+v, %v", wrong, p, err)
		}
	}
}
