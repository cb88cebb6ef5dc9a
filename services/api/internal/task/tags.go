package task

import (
	"slices"
	"strconv"
	"strings"
)

// tags trims tags and leaves out those that are alike but for case.
func (p *problems) tags(given []string) []string {
	kept := []string{}
	for i, tag := range given {
		tag = strings.TrimSpace(tag)
		p.length("/tags/"+strconv.Itoa(i), tag, 1, maxTag)
		if !slices.ContainsFunc(kept, func(k string) bool { return SameTag(k, tag) }) {
			kept = append(kept, tag)
		}
	}
	if len(kept) > maxTags {
		p.add("/tags", "too_many", "at most "+number(maxTags))
	}
	return kept
}

// Tag checks a tag that stands alone, in the field of that name.
func Tag(field, tag string) (string, error) {
	var wrong problems
	tag = strings.TrimSpace(tag)
	wrong.length(field, tag, 1, maxTag)
	return tag, wrong.err()
}

// SameTag reports whether two tags are alike but for case.
func SameTag(a, b string) bool { return FoldTag(a) == FoldTag(b) }

// FoldTag is what tags are compared by.
func FoldTag(tag string) string { return strings.ToLower(tag) }

// retag puts by in the place of tag, once, or takes tag away if by is "".
func retag(tags []string, tag, by string) []string {
	kept := []string{}
	for _, t := range tags {
		if SameTag(t, tag) {
			t = by
		}
		if t != "" && !slices.ContainsFunc(kept, func(k string) bool { return SameTag(k, t) }) {
			kept = append(kept, t)
		}
	}
	return kept
}

func number(n int) string {
	if n >= 1000 {
		return strconv.Itoa(n/1000) + "," + strconv.Itoa(n)[len(strconv.Itoa(n))-3:]
	}
	return strconv.Itoa(n)
}
