package contract

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Generator makes requests. The same seed makes the same ones, but for what it learns of the
// answers. It is used by one goroutine.
type Generator struct {
	rand  *rand.Rand
	pool  *Pool
	spoil float64 // how often a value is none that the schema means
}

// New returns a generator of requests of one person, who knows what is in pool.
func New(seed uint64, pool *Pool) *Generator {
	return &Generator{rand: rand.New(rand.NewPCG(seed, seed)), pool: pool}
}

func (g *Generator) chance(p float64) bool { return g.rand.Float64() < p }

func pick[T any](g *Generator, from []T) T { return from[g.rand.IntN(len(from))] }

const deepest = 6

// value makes a value for a schema, or now and then one that is none for it.
func (g *Generator) value(d *Document, name string, schema map[string]any, depth int) any {
	schema = d.resolve(schema)
	if g.chance(g.spoil) {
		return g.wrong(name)
	}
	for _, of := range []string{"oneOf", "anyOf"} {
		if forms := list(schema[of]); len(forms) > 0 {
			return g.value(d, name, object(pick(g, forms)), depth)
		}
	}
	if choices := list(schema["enum"]); len(choices) > 0 {
		return pick(g, choices)
	}
	if sole, ok := schema["const"]; ok {
		return sole
	}
	kind := g.kind(schema)
	if depth > deepest && (kind == "object" || kind == "array") {
		return nil
	}
	switch kind {
	case "object":
		return g.object(d, schema, depth)
	case "array":
		return g.array(d, name, schema, depth)
	case "string":
		return g.text(name, schema)
	case "integer", "number":
		return g.number(schema)
	case "boolean":
		return g.chance(0.5)
	}
	return nil
}

// kind is one of the types that a schema allows.
func (g *Generator) kind(schema map[string]any) string {
	switch kind := schema["type"].(type) {
	case string:
		return kind
	case []any:
		if text, ok := pick(g, kind).(string); ok {
			return text
		}
	}
	if schema["properties"] != nil || schema["allOf"] != nil {
		return "object"
	}
	return "string"
}

// object has what is required, and some of the rest.
func (g *Generator) object(d *Document, schema map[string]any, depth int) map[string]any {
	made := map[string]any{}
	for _, part := range list(schema["allOf"]) {
		maps.Copy(made, g.object(d, d.resolve(object(part)), depth))
	}
	properties := object(schema["properties"])
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if needed := slices.Contains(list(schema["required"]), any(name)); needed && !g.chance(g.spoil/4) || !needed && g.chance(0.4) {
			made[name] = g.value(d, name, object(properties[name]), depth+1)
		}
	}
	if more := object(schema["additionalProperties"]); more != nil {
		for range g.rand.IntN(3) {
			name := pick(g, []string{"reminder", "task.created", "agent.task.completed", "system.task.*", pick(g, hostile)})
			made[name] = g.value(d, name, more, depth+1)
		}
	}
	if g.chance(g.spoil / 2) {
		made[pick(g, []string{"unknown", "__proto__", "id", "user_id", "", "a/b~c"})] = g.wrong("unknown")
	}
	return made
}

func (g *Generator) array(d *Document, name string, schema map[string]any, depth int) []any {
	least, most := bound(schema, "minItems", 0), bound(schema, "maxItems", 3)
	n := least + g.rand.IntN(min(most, least+3)-least+1)
	if g.chance(g.spoil) {
		n = pick(g, []int{0, most, most + 1})
	}
	made := make([]any, min(n, 300))
	for i := range made {
		made[i] = g.value(d, name, object(schema["items"]), depth+1)
	}
	return made
}

// text is one that fits by its name, or by its format, or by its length, often just so.
func (g *Generator) text(name string, schema map[string]any) string {
	if known := plausible[name]; known != nil && g.chance(0.7) {
		return pick(g, known)
	}
	if learned := g.pool.of(g, name); learned != "" && g.chance(0.6) {
		return learned
	}
	switch schema["format"] {
	case "uuid":
		return g.pool.id(g)
	case "date-time":
		return pick(g, plausible["expires_at"])
	case "date":
		return pick(g, plausible["due_date"])
	case "email":
		return pick(g, plausible["email"])
	}
	least, most := bound(schema, "minLength", 0), bound(schema, "maxLength", 40)
	switch {
	case g.chance(0.5):
		return g.words(max(least, min(most, 5+g.rand.IntN(30))))
	case g.chance(0.3):
		return pick(g, hostile)
	}
	return g.words(pick(g, []int{least, most, most + 1, max(0, least-1)}))
}

// words is text of n characters, of several scripts.
func (g *Generator) words(n int) string {
	var b strings.Builder
	alphabet := []rune("abcdefghij klmnop ÄßéÇñİı日本語кириллица🎈👩‍👩‍👧")
	for range min(n, 20_000) {
		b.WriteRune(pick(g, alphabet))
	}
	return b.String()
}

func (g *Generator) number(schema map[string]any) any {
	least, most := bound(schema, "minimum", 0), bound(schema, "maximum", 1000)
	switch {
	case g.chance(g.spoil):
		return pick(g, []any{least - 1, most + 1, math.MaxInt64, math.MinInt64, 0.5, -1, 1e300})
	case g.chance(0.4):
		return pick(g, []any{least, most})
	}
	return least + g.rand.IntN(max(1, most-least+1))
}

func bound(schema map[string]any, name string, otherwise int) int {
	if value, ok := schema[name].(float64); ok {
		return int(value)
	}
	return otherwise
}

// wrong is a value of any type, often one that somebody would try on purpose.
func (g *Generator) wrong(name string) any {
	switch g.rand.IntN(9) {
	case 0:
		return nil
	case 1:
		return g.chance(0.5)
	case 2:
		return pick(g, []any{0, -1, 1.5, math.MaxInt64, 1e308, math.Copysign(0, -1)})
	case 3:
		return []any{g.pool.id(g), nil, map[string]any{}}
	case 4:
		return map[string]any{name: pick(g, hostile), "$ref": "#/"}
	case 5:
		return g.pool.id(g)
	}
	return pick(g, hostile)
}
