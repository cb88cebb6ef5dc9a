// Tells the stories in the house at TICKLER_URL, two files at a time, and those that measure alone; see scripts/page-stories.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const longest = 15 * 60_000; // ms for a file, on a machine that is very busy
// How a story ends whose browser did not start or broke down. That is the machine's doing, and the page's only where it
// happens again; every other failure stands as it is. In CI, where others' work waits for the answer, whatever failed is
// told once more, and that is said.
const broken = /browserType\.launch|Page crashed|Target crashed|has been closed|has disconnected/;
const most = 5; // so many that fail say enough
const alone = ["speed.test.mjs"]; // what others do would be in their figures
const short = ["account", "chat", "data", "hard", "offline", "story", "tasks"].map((name) => `${name}.test.mjs`);

const args = process.argv.slice(2);
const all = readdirSync(here).filter((name) => name.endsWith(".test.mjs"));
const wanted = args.includes("--short") ? short : args.length > 0 ? args.map((name) => name.split("/").at(-1)) : all.sort();
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) throw new Error(`no such file of stories: ${unknown.join(", ")}`);

// What browsers leave, also those that are killed, lies in one folder.
process.env.TMPDIR = mkdtempSync(join(tmpdir(), "tickler-stories-"));
const end = new AbortController();
for (const sign of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(sign, () => end.abort());
const began = Date.now();
const ends = new Map(); // file -> story -> whether it passed
const broke = new Map(); // file -> whether the browser was at fault each time that a story of it failed
const count = (good) => [...ends.values()].flatMap((stories) => [...stories.values()]).filter((g) => g === good).length;

/** Tells the stories of some files, so many files at a time. */
async function tell(names, concurrency) {
  for (const name of names) {
    ends.set(name, new Map());
    broke.delete(name);
  }
  if (names.length === 0 || end.signal.aborted) return;
  const stories = run({ files: names.map((name) => here + name), concurrency, timeout: longest, signal: end.signal });
  for await (const { type, data } of stories) {
    if (type === "test:stdout" && data.message.startsWith("# ")) process.stdout.write(data.message);
    if (type === "test:stderr") process.stderr.write(data.message);
    if ((type !== "test:pass" && type !== "test:fail") || end.signal.aborted) continue;
    const good = type === "test:pass";
    const took = `${(data.details.duration_ms / 1000).toFixed(1)} s`;
    const file = (data.file ?? data.name).split("/").at(-1);
    ends.get(file).set(data.name, good);
    console.log(`${good ? "ok  " : "FAIL"} ${file.replace(".test.mjs", "")}: ${data.name} (${took})`);
    if (good) continue;
    const why = reason(data.details.error);
    broke.set(file, (broke.get(file) ?? true) && broken.test(why));
    console.log(why);
    if (count(false) < most) continue;
    console.log(`${most} failed: the rest is not told`);
    end.abort();
  }
}

const reason = (error) => String(error?.cause?.stack ?? error?.cause ?? error).replace(/^/gm, "     ");

try {
  await tell(
    wanted.filter((name) => !alone.includes(name)),
    2,
  );
  await tell(
    wanted.filter((name) => alone.includes(name)),
    1,
  );
  const again = wanted.filter((name) => (process.env.CI ? broke.has(name) : broke.get(name)));
  if (again.length > 0 && !end.signal.aborted) {
    const why = again.every((name) => broke.get(name)) ? "the browser broke down" : "failed once";
    console.log(`# ${why}; told once more, one after the other: ${again.join(", ")}`);
    await tell(again, 1);
  }
} finally {
  rmSync(process.env.TMPDIR, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`# told in ${Math.round((Date.now() - began) / 1000)} s (load ${loadavg()[0].toFixed(1)})`);
const [passed, failed] = [count(true), count(false)];
console.log(`Tests  ${failed} failed | ${passed} passed (${passed + failed})`); // as Vitest says it, for who counts
process.exitCode = failed > 0 || passed === 0 || end.signal.aborted ? 1 : 0;
