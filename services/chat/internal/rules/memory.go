package rules

import (
	"encoding/json"
	"strings"
)

// memory is what the planner keeps of a conversation between its turns. It is small: a list shows
// at most pageSize tasks, and titles are at most 200 characters.
type memory struct {
	List []named `json:"list,omitempty"` // the last list that was shown: what #2 means
	More *more   `json:"more,omitempty"` // how the list goes on
	Last *named  `json:"last,omitempty"` // the task that was last spoken of: what "it" means
	Rang bool    `json:"rang,omitempty"` // the last change was of its reminders
	Done []done  `json:"done,omitempty"` // turns that changed something, the latest last
	Wait *wait   `json:"wait,omitempty"` // the question that was asked
}

// named is a task by its id, with its title to speak of it.
type named struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// more is the call that shows the next page.
type more struct {
	Input map[string]any `json:"input"`
	Shown int            `json:"shown"`
}

// done is a turn that may be taken back.
type done struct {
	Request string `json:"request,omitempty"`
	Changes int    `json:"changes"`
}

// asked is what kind of answer is waited for.
type asked string

const (
	whichTask asked = "which" // one of Tasks, for what Text says
	sure      asked = "sure"  // yes or no, for Changes
	half      asked = "half"  // morning or afternoon, of the hour between Before and After
	fill      asked = "fill"  // words, to stand between Before and After
)

// wait is a question with all that is needed to go on once it is answered.
type wait struct {
	For     asked            `json:"for"`
	Text    string           `json:"text,omitempty"`
	Ref     string           `json:"ref,omitempty"` // the words that may mean several tasks
	Tasks   []named          `json:"tasks,omitempty"`
	Before  string           `json:"before,omitempty"`
	After   string           `json:"after,omitempty"`
	Quote   bool             `json:"quote,omitempty"` // the words are a name, and not to be read
	Changes []change         `json:"changes,omitempty"`
	Chosen  map[string]named `json:"chosen,omitempty"` // words that were asked about before
	Rest    []string         `json:"rest,omitempty"`   // what else the person wanted
}

// keptTurns is how many turns undo can go back.
const keptTurns = 20

// recall reads what was kept. What cannot be read is forgotten: a conversation goes on without.
func recall(kept json.RawMessage) memory {
	var m memory
	if len(kept) == 0 || json.Unmarshal(kept, &m) != nil {
		return memory{}
	}
	return m
}

func (m memory) kept() json.RawMessage {
	m.Done = m.Done[max(0, len(m.Done)-keptTurns):]
	kept, err := json.Marshal(m)
	if err != nil {
		return nil // of strings and maps of them there is none
	}
	return kept
}

// key is how words are kept in wait.Chosen.
func key(words string) string { return strings.ToLower(strings.TrimSpace(words)) }
