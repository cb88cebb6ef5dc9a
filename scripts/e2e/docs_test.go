package e2e

import (
	"os"
	"os/exec"
	"regexp"
	"strings"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// program puts the blocks of a page that are in a language together.
func (s *scene) program(page, language string) string {
	s.Helper()
	text, err := os.ReadFile("../../docs/examples/" + page)
	if err != nil {
		s.Fatal(err)
	}
	var whole strings.Builder
	for _, block := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		whole.WriteString(block[1])
	}
	if whole.Len() == 0 {
		s.Fatalf("%s has no %s", page, language)
	}
	return whole.String()
}

// runs runs a program that must end well, and returns what it printed.
func (s *scene) runs(program string, environment []string, command ...string) string {
	s.Helper()
	if _, err := exec.LookPath(command[0]); err != nil {
		s.Skipf("%s is not on this machine", command[0])
	}
	cmd := exec.CommandContext(s.Context(), command[0], command[1:]...)
	cmd.Stdin = strings.NewReader(program)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TICKLER_URL=" + s.house.Public(), "TMPDIR=" + s.TempDir()}, environment...)
	said, err := cmd.CombinedOutput()
	if err != nil {
		s.Fatalf("%v\n%s", err, said)
	}
	return string(said)
}

// What docs/examples says of curl is true, line by line.
func whatIsSaidOfCurlIsTrue(s *scene) {
	ada := s.signUp()
	said := s.runs(s.program("curl.md", "sh"), []string{"EMAIL=" + ada.Email, "PASSWORD=" + person.Password}, "bash", "-euo", "pipefail", "-s")
	for _, want := range []string{
		`"title":"water the plants"`, `"title":"Pay rent"`, `"title":"Pay the rent"`, `"code":"precondition_failed"`, "\n412\n",
		`"event_type":"task.completed"`, `"undone":["`,
	} {
		if !strings.Contains(said, want) {
			s.Errorf("%s is missing in\n%s", want, said)
		}
	}
	var listed struct{ Tasks []person.Task }
	if _, err := ada.Call(s.Context(), "GET", "tasks", nil, "", &listed); err != nil || len(listed.Tasks) != 2 {
		s.Errorf("%+v, %v", listed, err)
	}
	var tokens struct{ Tokens []struct{ ID string } }
	if _, err := ada.Call(s.Context(), "GET", "tokens", nil, "", &tokens); err != nil || len(tokens.Tokens) != 0 {
		s.Errorf("tokens are left: %+v, %v", tokens, err)
	}
}

// What docs/examples says of Python is true. Its check of a webhook's signature shares nothing
// with the service that signs.
func whatIsSaidOfPythonIsTrue(s *scene) {
	ada := s.signUp()
	var made struct{ Token string }
	if _, err := ada.Call(s.Context(), "POST", "tokens", map[string]any{"name": "python", "scopes": []string{"tasks:read", "tasks:write"}}, "", &made); err != nil {
		s.Fatal(err)
	}
	said := s.runs(s.program("python.md", "python"), []string{"TICKLER_USER=" + ada.ID, "TICKLER_TOKEN=" + made.Token}, "python3", "-")
	milk := strings.Index(said, "task.created buy milk genuine\n")
	if done := strings.Index(said, "task.completed buy milk genuine\n"); milk < 0 || done < milk {
		s.Errorf("not told in order:\n%s", said)
	}
	for _, want := range []string{"task.created Call the bank genuine\n", "to do: Call the bank 2030-01-31\n"} {
		if !strings.Contains(said, want) {
			s.Errorf("%q is missing in\n%s", want, said)
		}
	}
}
