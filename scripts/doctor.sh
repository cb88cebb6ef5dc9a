#!/usr/bin/env bash
# doctor says whether this machine can build, test and run Tickler, and what is missing. It changes nothing.
set -uo pipefail
cd "$(dirname "$0")/.."
bad=0
say() { printf '%-6s %s\n' "$1" "$2"; [ "$1" != no ] || bad=1; }
has() { command -v "$1" >/dev/null 2>&1; }
newer() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -1)" = "$1" ]; }

want=$(awk '$1 == "go" {print $2}' go.work)
got=$(go env GOVERSION 2>/dev/null | sed 's/^go//')
if [ -n "$got" ] && newer "$want" "$got"; then say ok "Go $got"; else say no "Go ${got:-is missing}: $want or newer, from https://go.dev/dl"; fi
got=$(node --version 2>/dev/null | sed 's/^v//')
if [ -n "$got" ] && newer 20.19 "$got"; then say ok "Node $got"; else say no "Node ${got:-is missing}: 20.19 or newer, to build the page"; fi
for tool in npm git curl; do if has $tool; then say ok $tool; else say no "$tool is missing"; fi; done
if has gcc || has cc; then say ok "a C compiler, for the race detector of make test"; else say no "no C compiler: make test needs one for the race detector (apt-get install gcc)"; fi
if has java && has mvn; then say ok "Java and Maven, for BROKER=kafka"; else say "-" "no Java or Maven: only make up BROKER=kafka needs them"; fi
if has docker; then say ok "Docker, for compose and images"; else say "-" "no Docker: only compose and images need it"; fi
if has chromium || has google-chrome; then say ok "a Chromium, for make e2e"; else say "-" "no Chromium: only the page's part of make e2e needs it"; fi

offset=${PORT_OFFSET:-0}
taken=""
for port in 3000 3080 8000 8001 8002 8003 8004 8005 8006 8007 8008 9092 5433 1025 8025; do
  (exec 3<>"/dev/tcp/127.0.0.1/$((port + offset))") 2>/dev/null && taken="$taken $((port + offset))"
done
if [ -z "$taken" ]; then say ok "the ports of make up are free"; else say no "somebody listens on$taken: stop it, or make up PORT_OFFSET=20000"; fi
free=$(df -Pk . | awk 'NR == 2 {print int($4 / 1048576)}')
if [ "$free" -ge 4 ]; then say ok "$free GiB of disk free"; else say no "only $free GiB of disk free: 4 are needed to build and test"; fi
exit $bad
