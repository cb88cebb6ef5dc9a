// report reads what `make test TESTFLAGS=-json` prints, shows a line a package and the output of what failed,
// and writes "<passed> <failed>" to the file it is given. Other lines, as the page's, go through and are counted too.
import { createInterface } from "node:readline";
import { writeFileSync } from "node:fs";

const outputs = new Map(); // "package test" -> lines
const tests = new Map(); // package -> how many passed and failed
let passed = 0;
let failed = 0;

for await (const line of createInterface({ input: process.stdin })) {
  let event = null;
  if (line.startsWith("{")) {
    try {
      event = JSON.parse(line);
    } catch {
      // not ours
    }
  }
  if (event?.Action) go(event);
  else other(line);
}
writeFileSync(process.argv[2], `${passed} ${failed}\n`);

function go({ Action, Package, Test, Output, Elapsed }) {
  const key = `${Package} ${Test ?? ""}`;
  const of = tests.get(Package) ?? { passed: 0, failed: 0 };
  tests.set(Package, of);
  switch (Action) {
    case "build-output":
      process.stdout.write(Output);
      break;
    case "output":
      outputs.set(key, (outputs.get(key) ?? "") + Output);
      break;
    case "pass":
      if (Test) {
        of.passed++;
        passed++;
      } else {
        console.log(`ok   ${Package} ${of.passed} tests, ${Elapsed} s`);
      }
      outputs.delete(key);
      break;
    case "fail":
      process.stdout.write(outputs.get(key) ?? "");
      // A package that fails without a test to its name (a build, a crash) counts as one.
      if (Test || of.failed === 0) {
        of.failed++;
        failed++;
      }
      if (!Test) console.log(`FAIL ${Package} ${of.failed} of ${of.passed + of.failed}`);
      break;
    case "skip":
      if (Test) process.stdout.write(outputs.get(key) ?? "");
      break;
  }
}

// Vitest ends with "Tests  1 failed | 12 passed (13)".
function other(line) {
  console.log(line);
  if (!/^\s*Tests\s/.test(line)) return;
  passed += Number(/(\d+) passed/.exec(line)?.[1] ?? 0);
  failed += Number(/(\d+) failed/.exec(line)?.[1] ?? 0);
}
