package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/services/identity/internal/token"
)

func (d *Door) tokens(r *gin.Engine) {
	own := r.Group("/api/:user_id/tokens", self)
	own.GET("", d.listTokens)
	own.POST("", d.addToken)
	own.DELETE("/:id", d.removeToken)
}

type tokenJSON struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Scopes    []string   `json:"scopes"`
	ExpiresAt time.Time  `json:"expires_at"`
	CreatedAt time.Time  `json:"created_at"`
	UsedAt    *time.Time `json:"last_used_at"`
	Token     string     `json:"token,omitempty"` // once, to who made it
}

func showToken(t token.API, text string) tokenJSON {
	return tokenJSON{t.ID, t.Name, t.Scopes, t.ExpiresAt, t.CreatedAt, t.UsedAt, text}
}

const usualPage = 50

func (d *Door) listTokens(c *gin.Context) {
	limit := usualPage
	if text := c.Query("limit"); text != "" { // the contract has checked it
		limit, _ = strconv.Atoi(text)
	}
	after, err := cursor(c.Query("cursor"))
	if err != nil {
		httpd.Fail(c, err)
		return
	}
	found, more, err := d.Tokens.List(c.Request.Context(), c.Param("user_id"), after, limit)
	if err != nil {
		httpd.Fail(c, err)
		return
	}
	shown := []tokenJSON{}
	for _, t := range found {
		shown = append(shown, showToken(t, ""))
	}
	var next *string
	if more {
		text := base64.RawURLEncoding.EncodeToString([]byte(found[len(found)-1].ID))
		next = &text
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"tokens": shown, "next_cursor": next})
}

// cursor is the id of the last token of the page before.
func cursor(text string) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || text != "" && (len(raw) != 36 || uuid.Validate(string(raw)) != nil) {
		return "", fault.Fields(fault.Field{Name: "cursor", Code: "invalid", Detail: "not a cursor of this list"})
	}
	return string(raw), nil
}

// onceFor is how long an Idempotency-Key is remembered.
const (
	onceFor    = 24 * time.Hour
	longestKey = 255
)

func (d *Door) addToken(c *gin.Context) {
	var wish token.Wish
	if err := decode(c, &wish); err != nil {
		httpd.Fail(c, err)
		return
	}
	userID := c.Param("user_id")
	once, err := d.once(c, wish)
	if err != nil {
		httpd.Fail(c, err)
		return
	}
	place := "idempotency_keys/" + userID + "/" + once.Key
	made, text, kept, err := d.Tokens.Add(c.Request.Context(), userID, wish, once, func(t token.API, text string) (string, error) {
		body, err := json.Marshal(showToken(t, text))
		return d.Seal.Seal(body, place), err
	})
	if err != nil {
		httpd.Fail(c, err)
		return
	}
	answer := showToken(made, text)
	if kept.Before != "" {
		body, err := d.Seal.Open(kept.Before, place)
		if err == nil {
			err = json.Unmarshal(body, &answer)
		}
		if err != nil {
			httpd.Fail(c, err)
			return
		}
		c.Header("Idempotency-Replayed", "true")
	}
	c.Header("Cache-Control", "no-store")
	c.Header("ETag", `"1"`)
	c.Header("Location", "/api/"+url.PathEscape(userID)+"/tokens/"+answer.ID)
	c.JSON(http.StatusCreated, answer)
}

// once reads the Idempotency-Key and its window.
func (d *Door) once(c *gin.Context, wish token.Wish) (token.Once, error) {
	key := c.GetHeader("Idempotency-Key")
	if key == "" {
		return token.Once{}, nil
	}
	if len(key) > longestKey || !utf8.ValidString(key) || strings.ContainsRune(key, 0) {
		return token.Once{}, fault.Fields(fault.Field{Name: "Idempotency-Key", Code: "length", Detail: "at most 255 characters"})
	}
	window := onceFor
	if text := c.GetHeader("Idempotency-Window"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < 1 || seconds > int(onceFor.Seconds()) {
			return token.Once{}, fault.Fields(fault.Field{Name: "Idempotency-Window", Code: "range", Detail: "1 to 86400 seconds"})
		}
		window = time.Duration(seconds) * time.Second
	}
	asked, err := json.Marshal(wish) // the same wish, however it was spelt
	if err != nil {
		return token.Once{}, err
	}
	sum := sha256.Sum256(asked)
	return token.Once{Key: key, Request: sum[:], Until: d.Tokens.Now().Add(window)}, nil
}

func (d *Door) removeToken(c *gin.Context) {
	if err := d.Tokens.Remove(c.Request.Context(), c.Param("user_id"), c.Param("id")); err != nil {
		httpd.Fail(c, err)
		return
	}
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
}
