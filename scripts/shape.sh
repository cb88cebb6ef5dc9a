#!/usr/bin/env bash
# shape checks what a reader sees before reading: a file tells one story (300 lines at most, main.go 80), a
# function fits the screen (50), every package and exported name says what it is. Generated files are exempt,
# and tests from the length of functions, since tables of cases are long.
set -euo pipefail
cd "$(dirname "$0")/.."
written() {
  git ls-files -co --exclude-standard -- "$@" | grep -vE '(\.pb\.go|\.gen\.(go|ts))$|(^|/)(gen|dist|testdata|node_modules)/' |
    while read -r file; do [ ! -f "$file" ] || echo "$file"; done
}
bad=0
while read -r lines file; do
  limit=300
  case $file in services/*/main.go) limit=80 ;; esac
  [ "$lines" -le "$limit" ] || { echo "$file: $lines lines, at most $limit"; bad=1; }
done < <(written '*.go' '*.ts' '*.tsx' '*.mjs' '*.sh' '*.sql' '*.css' | xargs -r wc -l | grep -v ' total$')
written '*.go' | grep -v '_test\.go$' | xargs -r awk '
  FNR == 1 { before = ""; name = "" }
  /^func /  { name = $0; start = FNR }
  /^}/ && name { if (FNR - start - 1 > 50) complain(start, "a function of " FNR - start - 1 " lines, at most 50"); name = "" }
  /^func .*}$/ { name = "" }
  /^(func|type|var|const) [A-Z]/ && before !~ /^(\/\/|.*\*\/)/ { complain(FNR, "no comment on " $2) }
  { before = $0 }
  function complain(line, what) { print FILENAME ":" line ": " what; bad = 1 }
  END { exit bad }' || bad=1
undocumented=$(go list -f '{{if and .GoFiles (not .Doc)}}{{.ImportPath}}: no comment on the package{{end}}' work | grep -v '/gen/' || true)
[ -z "$undocumented" ] || { echo "$undocumented"; bad=1; }
exit $bad
