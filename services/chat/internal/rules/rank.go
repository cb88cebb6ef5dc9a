package rules

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// noise are words that say nothing about which task is meant.
var noise = strings.Fields("a an the my to of for on in at with and or task todo item this that one please some our")

// contents are the words of a title that tell it from others, in lower case.
func contents(title string) []string {
	var all, list []string
	for _, word := range wordParts.Split(folded(title), -1) {
		if word == "" {
			continue
		}
		all = append(all, word)
		if !slices.Contains(noise, word) {
			list = append(list, word)
		}
	}
	if len(list) == 0 {
		return all
	}
	return list
}

// folded is a title for comparing: in lower case, with straight quotes and single spaces.
func folded(title string) string {
	title = strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`).Replace(strings.ToLower(title))
	return strings.Join(strings.Fields(title), " ")
}

// maxQuery is how long list_tasks lets a query be.
const maxQuery = 200

// query is what to search for, to find a title again.
func query(name string) string {
	q := ""
	for _, word := range contents(name) {
		if len(q)+len(word)+1 > maxQuery/2 {
			break
		}
		if utf8.RuneCountInString(word) > 1 || len(q) == 0 {
			q += " " + word
		}
	}
	return strings.TrimSpace(q)
}

// likeness is from which share of words on a title is meant.
const likeness = 0.6

// ranked are the tasks that words may mean: with exactly this title, else that begin so, else
// that have most of the words. Of several, those that the command is for.
func ranked(name string, page []task, c command) []task {
	want := folded(name)
	if want == "" {
		return nil
	}
	var exact, begin []task
	for _, t := range page {
		title := folded(t.Title)
		switch {
		case title == want || bare(title) == bare(want):
			exact = append(exact, t)
		case strings.HasPrefix(title, want) && !wordByte((title + " ")[len(want)]), strings.HasPrefix(bare(title), bare(want)+" "):
			begin = append(begin, t)
		}
	}
	switch {
	case len(exact) > 0:
		return c.prefers(exact)
	case len(begin) > 0:
		return c.prefers(begin)
	}
	return c.prefers(alike(contents(name), page))
}

// bare leaves out an article that stands before a title.
func bare(title string) string {
	for _, article := range []string{"the ", "my ", "a ", "an ", "to "} {
		title = strings.TrimPrefix(title, article)
	}
	return title
}

// alike are the tasks with the most of the words, if they are enough.
func alike(words []string, page []task) []task {
	scores := make([]float64, len(page))
	best := likeness
	for i, t := range page {
		scores[i] = share(words, contents(t.Title))
		best = max(best, scores[i])
	}
	var list []task
	for i, t := range page {
		if scores[i] >= best-0.2 && scores[i] >= likeness {
			list = append(list, t)
		}
	}
	return list
}

// share is how many of the words a title has.
func share(words, title []string) float64 {
	if len(words) == 0 {
		return 0
	}
	n := 0
	for _, word := range words {
		if slices.ContainsFunc(title, func(t string) bool { return sameWord(word, t) }) {
			n++
		}
	}
	return float64(n) / float64(len(words))
}

func sameWord(a, b string) bool {
	return a == b || a+"s" == b || b+"s" == a || len(a) > 3 && len(b) > 3 && near(a, b)
}

// prefers narrows to the tasks that a command can do something for, if there are any.
func (c command) prefers(found []task) []task {
	completed := c.want == wantReopen
	fit := slices.DeleteFunc(slices.Clone(found), func(t task) bool { return t.Completed != completed })
	if len(fit) > 0 {
		return fit
	}
	return found
}

// nearest are up to two titles that look most like words.
func nearest(name string, page []task) []string {
	type scored struct {
		title string
		score float64
	}
	var list []scored
	for _, t := range page {
		if score := dice(folded(name), folded(t.Title)); score >= 0.3 {
			list = append(list, scored{quote(t.Title), score})
		}
	}
	slices.SortStableFunc(list, func(a, b scored) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	var titles []string
	for _, s := range list {
		if len(titles) < 2 && !slices.Contains(titles, s.title) {
			titles = append(titles, s.title)
		}
	}
	return titles
}

// dice is the share of pairs of letters that two texts have in common.
func dice(a, b string) float64 {
	pairs := func(s string) map[string]int {
		m := map[string]int{}
		for i := 0; i+2 <= min(len(s), 200); i++ {
			m[s[i:i+2]]++
		}
		return m
	}
	pa, pb := pairs(a), pairs(b)
	common, total := 0, 0
	for pair, n := range pa {
		common += min(n, pb[pair])
		total += n
	}
	for _, n := range pb {
		total += n
	}
	if total == 0 {
		return 0
	}
	return 2 * float64(common) / float64(total)
}
