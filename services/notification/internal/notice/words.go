package notice

import "strings"

// Words are what a notice says outside of the app: a short line, and a longer one.
func (n *Notice) Words() (short, long string) {
	title := clip(n.Title, 120)
	switch n.Kind {
	case Reminder:
		short, long = "Reminder: "+title, "You asked to be reminded of this task."
	case Overdue:
		short, long = "Overdue: "+title, "This task was due and is not done."
	case HookOff:
		short, long = "Webhook turned off: "+title, "Nothing that it was told has arrived for a week. You can turn it on again in the settings."
	default:
		by, verb, _ := strings.Cut(n.Kind, "task.")
		short = strings.ToUpper(verb[:1]) + verb[1:] + ": " + title
		switch by {
		case "agent.":
			long = "An agent that acts for you did this."
		case "system.":
			long = "Tickler did this by itself."
		default:
			long = "This task was " + verb + "."
		}
	}
	return short, long
}

// clip shortens text to so many characters.
func clip(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
