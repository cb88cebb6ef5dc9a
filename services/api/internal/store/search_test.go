package store_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/store"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// titles lists what a search finds.
func (b *bench) titles(query task.Query) string {
	b.Helper()
	listed, err := b.List(b.Context(), of("ada"), task.Page{Query: query, Limit: 50})
	b.must(err)
	var all []string
	for _, t := range listed.Tasks {
		all = append(all, t.Title)
	}
	return strings.Join(all, ", ")
}

// agree sees that what is searched has each task's place as the task itself has it, whatever a test did.
func (b *bench) agree() {
	db, err := postgres.Open(b.ways.WorkURL)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	var apart []string
	if err := db.SelectContext(context.Background(), &apart, `
		SELECT concat(t.id, s.task_id) FROM tasks t FULL JOIN task_search s ON s.user_id = t.user_id AND s.task_id = t.id
		WHERE (t.title_key, t.completed_at, t.priority, t.due_at, t.seq, t.created_at, t.updated_at, t.deleted_at) IS DISTINCT FROM
			(s.title_key, s.completed_at, s.priority, s.due_at, s.seq, s.created_at, s.updated_at, s.deleted_at)`); err != nil || len(apart) > 0 {
		b.Errorf("what is searched and the tasks disagree about %v: %v", apart, err)
	}
}

func TestASearchKnowsTheLettersOfManyLanguages(t *testing.T) {
	b := setup(t)
	for _, title := range []string{"Straße kehren", "Fußgängerübergang", "ISPARTA'da buluşma", "İstanbul bileti", "漢字を検索する", "東京へ行く", "Позвонить маме", "Œuvre complète"} {
		b.add("ada", title)
	}
	for search, want := range map[string]string{
		"strasse": "Straße kehren", "GANGER": "Fußgängerübergang", "istanbul": "İstanbul bileti", "ısparta": "ISPARTA'da buluşma", "bulusma": "ISPARTA'da buluşma",
		"検索": "漢字を検索する", "京": "東京へ行く", "字検": "", "МАМЕ": "Позвонить маме", "oeuvre": "Œuvre complète", `"bileti i"`: "",
	} {
		if got := b.titles(task.Query{Search: task.ParseSearch(search), Sort: task.ByTitle}); got != want {
			t.Errorf("%s: %q, want %q", search, got, want)
		}
	}
}

func TestWhatFitsBestStandsFirst(t *testing.T) {
	b := setup(t)
	described := func(p *task.Patch) { text := "about the garden"; p.Description = &text }
	b.add("ada", "rest", described)
	b.add("ada", "kindergarden")
	b.add("ada", "the garden door")
	b.add("ada", "Garden chairs")
	if got := b.titles(task.Query{Search: task.ParseSearch("garden"), Sort: task.ByRelevance, Descending: true}); got != "Garden chairs, the garden door, kindergarden, rest" {
		t.Errorf("got %s", got)
	}
	var met []string
	for page := (&task.Page{Query: task.Query{Search: task.ParseSearch("garden -door"), Sort: task.ByRelevance, Descending: true}, Limit: 1}); page != nil; {
		listed, err := b.List(t.Context(), of("ada"), *page)
		b.must(err)
		met = append(met, listed.Tasks[0].Title)
		page = listed.Next
		title := "Garden " + strconv.Itoa(len(met))
		b.add("ada", title) // comes too late
	}
	if strings.Join(met, ", ") != "Garden chairs, kindergarden, rest" {
		t.Errorf("page by page: %v", met)
	}
}

// Whatever part of a text is looked for, the index has it.
func TestEveryPartOfATextIsFound(t *testing.T) {
	b := setup(t)
	for _, title := range []string{"C++ in 21 days: re-read ch. 3", "a b-c d", "Öl für Zoë's Maß", "買い物 x2", "x_y %z"} {
		made := b.add("ada", title)
		text := []rune(made.SearchText())
		for from := range text {
			for to := from + 1; to <= min(len(text), from+9); to++ {
				query := task.Query{Search: task.ParseSearch(`"` + string(text[from:to]) + `"`)}
				if got := b.titles(query); !query.Search.None() && !strings.Contains(got, title) {
					t.Errorf("%q of %q: found %q", string(text[from:to]), title, got)
				}
			}
		}
	}
}

// Many hits are read along the order's own index, few are gathered and sorted: the list is the same.
func TestManyHitsAreListedAsFewAre(t *testing.T) {
	b := setup(t)
	const many = 3500
	porter := task.Porter{Store: b.Store.(*store.Tasks), Now: b.Now}
	_, _, err := porter.Import(t.Context(), of("ada"), task.Once{}, false, func(here task.Here) (r task.Reading, err error) {
		for i := range many {
			title, due, tags := fmt.Sprintf("bulk %04d", (i*7)%many), "", []string{"Bulk"}
			if i%3 > 0 {
				due = fmt.Sprintf("2030-01-%02d", 1+i%28)
			}
			if i%50 == 0 {
				title += " rare"
			}
			r.Entries = append(r.Entries, task.Entry{Line: i + 1, ID: task.ImportID("ada", "test", strconv.Itoa(i)), Fields: task.Patch{Title: &title, Due: &due, Tags: &tags}})
		}
		return r, nil
	})
	b.must(err)
	for _, q := range []task.Query{{}, {Sort: task.ByTitle, Descending: true}} {
		var all []uuid.UUID
		for page := (&task.Page{Query: q, Limit: 200}); page != nil; {
			listed, err := b.List(t.Context(), of("ada"), *page)
			b.must(err)
			for _, t := range listed.Tasks {
				all = append(all, t.ID)
			}
			page = listed.Next
		}
		for search, want := range map[string]int{"bulk": many, "rare": 70, "-rare": many - 70} {
			narrowed := q
			narrowed.Search, narrowed.Tags = task.ParseSearch(search), []string{"bulk"}
			var found []uuid.UUID
			for page := (&task.Page{Query: narrowed, Limit: 200}); page != nil; {
				listed, err := b.List(t.Context(), of("ada"), *page)
				b.must(err)
				if page.After == nil && listed.Total != min(want, task.MaxTotal+1) {
					t.Errorf("%s: %d counted", search, listed.Total)
				}
				for _, t := range listed.Tasks {
					found = append(found, t.ID)
				}
				page = listed.Next
			}
			inOrder := slices.DeleteFunc(slices.Clone(all), func(id uuid.UUID) bool { return !slices.Contains(found, id) })
			if len(found) != want || !slices.Equal(found, inOrder) {
				t.Errorf("%s by %s, descending %v: %d found, want %d", search, q.Sort, q.Descending, len(found), want)
			}
		}
	}
}

// Of more tasks than are ranked, those whose title begins with what is looked for come first; each is
// met once, in either order.
func TestRelevanceOfVeryManyIsCoarse(t *testing.T) {
	b := setup(t)
	const many, first = 3500, 350
	porter := task.Porter{Store: b.Store.(*store.Tasks), Now: b.Now}
	_, _, err := porter.Import(t.Context(), of("ada"), task.Once{}, false, func(here task.Here) (r task.Reading, err error) {
		for i := range many {
			title := fmt.Sprintf("number %04d is bulk", i)
			if i%10 == 0 {
				title = fmt.Sprintf("Bulk %04d", i)
			}
			r.Entries = append(r.Entries, task.Entry{Line: i + 1, ID: task.ImportID("ada", "test", strconv.Itoa(i)), Fields: task.Patch{Title: &title}})
		}
		return r, nil
	})
	b.must(err)
	for _, descending := range []bool{true, false} {
		met := map[uuid.UUID]bool{}
		var begin []int
		for page := (&task.Page{Query: task.Query{Search: task.ParseSearch("bulk"), Sort: task.ByRelevance, Descending: descending}, Limit: 130}); page != nil; {
			listed, err := b.List(t.Context(), of("ada"), *page)
			b.must(err)
			for _, found := range listed.Tasks {
				if strings.HasPrefix(found.Title, "Bulk") {
					begin = append(begin, len(met))
				}
				met[found.ID] = true
			}
			page = listed.Next
		}
		from := 0
		if !descending {
			from = many - first
		}
		if len(met) != many || len(begin) != first || begin[0] != from || begin[first-1] != from+first-1 {
			t.Errorf("descending %v: %d met; those that begin so at %v", descending, len(met), begin)
		}
	}
}

func FuzzSearchesAreRead(f *testing.F) {
	for _, text := range []string{`a "b c" -d -"e f" - -- "`, "„x“ -", `""`, "-\u00a0x", "\xff -\""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := task.ParseSearch(text)
		for _, part := range append(s.Words, s.Not...) {
			if part == "" || part != strings.TrimSpace(part) || strings.Contains(part, "  ") {
				t.Errorf("%q: a part %q", text, part)
			}
		}
	})
}
