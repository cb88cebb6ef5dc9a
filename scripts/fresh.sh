#!/usr/bin/env bash
# fresh generates everything anew in a copy of the tree and compares: what is committed must be what the
# sources say. The tree itself is not touched.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/was"
git ls-files -co --exclude-standard -z |
  while IFS= read -r -d '' file; do [ ! -f "$file" ] || printf '%s\0' "$file"; done |
  tar --null -T - -cf - | tar -xf - -C "$copy/was"
cp -r "$copy/was" "$copy/now"
cd "$copy/now"
# Tools and the page's packages are those of this tree.
mkdir -p bin && ln -s "$root/bin/tools" bin/tools
[ ! -d "$root/services/web/page/node_modules" ] || ln -s "$root/services/web/page/node_modules" services/web/page/node_modules
make -s -o bin/tools/.built -o page-modules generate >../log 2>&1 || { cat ../log; exit 1; }
cd ..
diff -rq --exclude=bin --exclude=node_modules was now | sed 's#$#: run make generate#' | { ! grep .; }
