package rest

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/openapi"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

func (d *Door) settings(r *gin.Engine) {
	own := r.Group("/api/:user_id/settings", self)
	own.GET("", d.showSettings)
	own.PATCH("", d.changeSettings)
}

// Formats are those that the document names beside JSON Schema's own.
func Formats() []openapi.Format {
	return []openapi.Format{{Name: "time-zone", Check: func(text string) (code, detail string) {
		if !user.ValidZone(text) {
			return "not_allowed", "is no time zone of the IANA database"
		}
		return "", ""
	}}}
}

type settingsJSON struct {
	TimeZone  string `json:"time_zone"`
	Locale    string `json:"locale"`
	WeekStart string `json:"week_start"`
}

func showSettings(c *gin.Context, u user.User) {
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, settingsJSON{u.TimeZone, u.Locale, u.WeekStart})
}

func (d *Door) showSettings(c *gin.Context) {
	u, err := d.Users.Find(c.Request.Context(), c.Param("user_id"))
	if err != nil {
		httpd.Fail(c, err)
		return
	}
	showSettings(c, u)
}

// changeSettings merges. What a setting may look like the contract has checked, but for the
// zone, of which only a list tells whether it is one.
func (d *Door) changeSettings(c *gin.Context) {
	var wish struct {
		TimeZone  *string `json:"time_zone"`
		Locale    *string `json:"locale"`
		WeekStart *string `json:"week_start"`
	}
	if err := decode(c, &wish); err != nil {
		httpd.Fail(c, err)
		return
	}
	update := user.Update{TimeZone: wish.TimeZone, Locale: wish.Locale, WeekStart: wish.WeekStart}
	var wrong []fault.Field
	for _, w := range update.Validate() {
		wrong = append(wrong, fault.Field{Name: pointers[w.Field], Code: "not_allowed", Detail: w.Detail})
	}
	if wrong != nil {
		httpd.Fail(c, fault.Fields(wrong...))
		return
	}
	u, err := d.Users.Change(c.Request.Context(), c.Param("user_id"), update, cause(c))
	if err != nil {
		httpd.Fail(c, err)
		return
	}
	showSettings(c, u)
}

// pointers are the noun's fields where this wire has them.
var pointers = map[string]string{"timeZone": "/time_zone", "locale": "/locale", "weekStart": "/week_start"}

// cause is where a change comes from, see wire-api.md, "Settled in detail".
func cause(c *gin.Context) user.Cause {
	source := "api"
	if c.GetHeader("X-Tickler-Client") == "web" {
		source = "web"
	}
	return user.Cause{RequestID: telemetry.RequestID(c.Request.Context()), Source: source}
}

// decode reads a body that the contract has checked.
func decode(c *gin.Context, into any) error {
	raw, err := io.ReadAll(c.Request.Body)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		return fault.Wrap(fault.Malformed, err, "the body is not what the contract says")
	}
	return nil
}
