package rest

import (
	_ "embed"
	"encoding/json"
	"maps"
	"strconv"
	"strings"
)

// recorded are what a house was asked and answered, by service and operation. A story of
// scripts/e2e records them, and fails when they are no longer what a house answers.
//
//go:embed examples.json
var recorded []byte

// example is a call that was made.
type example struct {
	Request any    `json:"request,omitempty"`
	Media   string `json:"media,omitempty"` // of the request, where that is no JSON
	Answers []any  `json:"answers"`         // each {"status", "body"}, and "media" where the body is no JSON
}

// illustrate puts the recorded examples into the calls of a merged document.
func illustrate(document map[string]any) {
	var examples map[string]example
	if json.Unmarshal(recorded, &examples) != nil {
		return // a test reads them
	}
	for _, item := range object(document["paths"]) {
		for _, node := range object(item) {
			call := object(node)
			id, _ := call["operationId"].(string)
			shown, ok := examples[id]
			if !ok {
				continue
			}
			if shown.Request != nil {
				call["requestBody"] = withExample(document, call["requestBody"], shown.Request, shown.Media)
			}
			for _, one := range shown.Answers {
				status, responses := "default", object(call["responses"])
				if n, ok := object(one)["status"].(float64); ok && responses[strconv.Itoa(int(n))] != nil {
					status = strconv.Itoa(int(n))
				}
				media, _ := object(one)["media"].(string)
				responses[status] = withExample(document, responses[status], object(one)["body"], media)
			}
		}
	}
}

// withExample is a body or an answer of a call, with an example of its JSON, or of another media
// type. What others share is copied first.
func withExample(document map[string]any, node, shown any, as string) any {
	whole := object(node)
	for ref, ok := whole["$ref"].(string); ok; ref, ok = whole["$ref"].(string) {
		whole = document
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			whole = object(whole[part])
		}
	}
	whole, contents := maps.Clone(whole), maps.Clone(object(whole["content"]))
	for media, content := range contents {
		if as == "" && strings.HasSuffix(media, "json") || as != "" && (media == as || media == "*/*") {
			with := maps.Clone(object(content))
			with["example"] = shown
			contents[media] = with
		}
	}
	if contents != nil {
		whole["content"] = contents
	}
	return whole
}
