#!/usr/bin/env bash
# fresh generates everything anew in a copy of the tree and compares: what is committed must be what the
# sources say. The tree itself is not touched.
set -euo pipefail
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do [ ! -f "$file" ] || printf '%s\0' "$file"; done |
  tar --null -T - -cf - | tar -xf - -C "$copy"
cp -r "$copy" "$copy.was"
trap 'rm -rf "$copy" "$copy.was"' EXIT
# Tools and the page's packages are those of this tree.
mkdir -p "$copy/bin" && ln -s "$PWD/bin/tools" "$copy/bin/tools"
[ ! -d services/web/page/node_modules ] || ln -s "$PWD/services/web/page/node_modules" "$copy/services/web/page/node_modules"
make -s -C "$copy" -o bin/tools/.built -o page-modules generate >"$copy.log" 2>&1 || { cat "$copy.log"; exit 1; }
rm -f "$copy.log"
diff -rq --exclude=bin --exclude=node_modules "$copy.was" "$copy" |
  sed "s#Files $copy.was/\(.*\) and .*#\1 is not what its source says: make generate#; s#$copy/\?##; s#$copy.was/\?##" |
  { ! grep .; }
