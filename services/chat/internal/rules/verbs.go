package rules

import (
	"regexp"
	"slices"
	"strings"
)

// intent is what a command wants.
type intent int

const (
	wantUnknown intent = iota
	wantCreate
	wantList
	wantCount
	wantMore
	wantSearch
	wantShow
	wantComplete
	wantReopen
	wantRestore
	wantRemove
	wantSkip
	wantRename
	wantDue
	wantPriority
	wantTag
	wantUntag
	wantDescribe
	wantClear
	wantRepeat
	wantRemind
	wantField
	wantUndo
	wantHistory
	wantTags
	wantGreet
	wantThank
	wantHelp
	wantBye
	wantRedo
)

// rule is a pattern that people use for an intent. In a pattern {x} is the task, {v} the value.
type rule struct {
	want    intent
	pattern *regexp.Regexp
	first   firsts
}

// command is one thing that a person wants.
type command struct {
	want  intent
	said  text   // the whole command
	ref   text   // {x}: the task
	value text   // {v}
	field string // of the task, to be cleared
	loose bool   // it may be something else: it does not begin with a verb
	asked bool   // it is a question
}

// bareVerb reports whether nothing but the verb was said.
func (c command) bareVerb() bool {
	return c.ref.empty() && c.value.empty() && c.field == "" && c.want.changing()
}

// verbs are the words that commands begin with, for typing errors.
var verbs = []string{"create", "show", "list", "find", "search", "mark", "complete", "finish", "delete", "remove", "cancel", "update", "rename", "change",
	"move", "remind", "reopen", "restore", "reschedule", "postpone", "repeat", "untag", "undo", "clear", "finished", "add", "make"}

// words are English and one letter from a verb: they are no typing errors of it.
var words = strings.Fields(`shop shoe slow snow shot how shown shows last lost lift mist lisp fist least lists lint lest fine fund kind mind bind wind
	found fin finds park dark bark make mask mart marks mars mary maker charge chance changed changes more love cove dove mode mole mow moved moves movie remote
	removed removes created crate creates cream greater treat compete completed completes compute cancer chancel cancels rewind reminds remand finnish punish finished
	finishes update updated updates restored restores repeats undue under clean clears cleared lear bear dear fear hear near tear wear year ear odd dad bad
	and aid adds had mad sad tad ado bade fade jade wade made male mace maze mate sake take bake wake lake cake rake fake makes searches starch reopens renamed
	deleted deletes dated gate last cleat bleat pleat relate dilate elate live lit hist cast post past most must sow stow chow show added nap map`)

// mended corrects one letter of the verb that a command begins with, where the word is no other.
func (t text) mended() (text, bool) {
	end := strings.IndexByte(t.flat, ' ')
	if end < 2 || end > 14 {
		return t, false
	}
	first := t.flat[:end]
	if slices.Contains(verbs, first) || slices.Contains(words, first) {
		return t, false
	}
	for _, verb := range verbs {
		right := text{append([]rune(verb), t.runes[end:]...), verb + t.flat[end:]}
		if near(first, verb) && (len(verb) > 3 || right.has(newLead)) {
			return right, true
		}
	}
	return t, false
}

// near reports whether words differ by one letter that is wrong, missing, too many, or by two
// neighbours that changed places.
func near(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch {
	case len(b)-len(a) > 1:
		return false
	case len(a) < len(b):
		return a[i:] == b[i+1:]
	case i == len(a):
		return true
	case i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i]:
		return a[i+2:] == b[i+2:]
	}
	return a[i+1:] == b[i+1:]
}
