// The numbers of the page, printed with the load of the machine that they were seen on. What the machine cannot change,
// the weight of the scripts, is held to its limit; the times are held to one that only something broken would pass.
import assert from "node:assert/strict";
import { loadavg } from "node:os";
import { after, before, test } from "node:test";
import { add, clean, fill, launch, live, open, row, signUp } from "./browser.mjs";
import { gzipSync } from "node:zlib";

const heaviest = 180_000; // bytes of script, gzipped, on /tasks
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const say = (what, value, limit) => console.log(`# ${what}: ${value} (aim ${limit}; load ${loadavg()[0].toFixed(1)})`);
const p95 = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length * 0.95)] ?? 0;

const middle = (all) => [...all].sort((a, b) => a - b)[all.length >> 1] ?? 0;

/** The one in the middle, and how far they lie apart: a machine with others at work is not the same from one moment to the next. */
function some(all) {
  const ms = all.map(Math.round);
  return `${middle(ms)} ms (${Math.min(...ms)} to ${Math.max(...ms)})`;
}

/** Every script that a page asks for, by its weight under gzip. */
function weigh(page) {
  const scripts = new Map();
  page.on("response", async (response) => {
    if (response.request().resourceType() !== "script" || response.fromServiceWorker()) return;
    const body = await response.body().catch(() => null);
    if (body) scripts.set(new URL(response.url()).pathname, gzipSync(body, { level: 9 }).length);
  });
  return () => [...scripts.values()].reduce((sum, n) => sum + n, 0);
}

/** As somebody who is signed in, with nothing else in the browser: no files, no tasks, no name. */
async function newcomer(page) {
  const { cookies } = await page.context().storageState();
  return open(browser, { serviceWorkers: "block", storageState: { cookies, origins: [] } });
}

async function slow(page, times) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: times });
}

const paint = (page) =>
  page.evaluate(
    () =>
      new Promise((done) => {
        new PerformanceObserver((list) => done(list.getEntries().at(-1)?.startTime ?? 0)).observe({
          type: "largest-contentful-paint",
          buffered: true,
        });
      }),
  );

/** The largest paints of some visits, each of a newcomer, or their next one. */
async function visits(page, path, shown, next = false) {
  const paints = [];
  for (let i = 0; i < 5; i++) {
    const cold = await newcomer(page);
    await slow(cold, 4);
    for (let n = next ? 2 : 1; n > 0; n--) {
      await cold.goto(path);
      await shown(cold).waitFor();
    }
    paints.push(await paint(cold));
    await clean(cold);
  }
  return paints;
}

test("a first visit is light and soon there", async () => {
  const page = await open(browser, { serviceWorkers: "block" });
  say("largest paint of /, processor four times slower", some(await visits(page, "/", (cold) => cold.locator("h1"))), "1500 ms");
  await signUp(page);
  for (const title of ["Pay rent", "Call Ana", "Water the plants"]) await add(page, title);
  const cold = await newcomer(page);
  const weight = weigh(cold);
  await cold.goto("/tasks");
  await row(cold, "Call Ana").waitFor();
  await live(cold);
  await cold.waitForTimeout(4_000); // what comes when the page has settled counts too
  say("scripts on /tasks, gzipped", `${weight()} bytes`, `${heaviest}`);
  assert.ok(weight() > 50_000 && weight() <= heaviest, `${weight()} bytes of script`);
  await clean(cold);
  const first = await visits(page, "/tasks", (cold) => row(cold, "Call Ana"));
  say("largest paint of /tasks, nothing kept, processor four times slower", some(first), "1500 ms");
  const next = await visits(page, "/tasks", (again) => row(again, "Call Ana"), true);
  say("largest paint of /tasks, the next visit, processor four times slower", some(next), "1500 ms");
  assert.ok([...first, ...next].every((ms) => ms < 20_000));
  await clean(page);
});

test("a task is seen at once, here and in another tab", async () => {
  const page = await open(browser);
  await signUp(page);
  const other = await page.context().newPage();
  await other.goto("/tasks");
  await live(other);
  const here = [];
  const there = [];
  await page.bringToFront();
  for (const tab of [page, other]) await slow(tab, 4);
  for (let i = 0; i < 30; i++) {
    const title = `seen ${i}.`;
    const arrives = other.evaluate(
      (title) =>
        new Promise((done) => {
          // Not by frames: a tab that nobody looks at draws one a second.
          const watch = new MutationObserver(() => {
            if (!document.querySelector("main").textContent.includes(title)) return;
            watch.disconnect(); // the next one is not to pay for it
            done(Date.now());
          });
          watch.observe(document.body, { subtree: true, childList: true, characterData: true });
        }),
      title,
    );
    await page.getByLabel("Add a task").fill(title);
    await page.waitForFunction((title) => document.querySelector("[data-quick-add]").value === title, title);
    await page.waitForTimeout(600); // as somebody who looks before Enter: by then the line is understood
    const [begun, shown] = await page.evaluate(
      (title) =>
        new Promise((done) => {
          const begun = Date.now();
          setTimeout(() => document.querySelector("[data-quick-add]").form.requestSubmit());
          const watch = new MutationObserver(() => {
            if (![...document.querySelectorAll("[data-row]")].some((r) => r.textContent === title)) return;
            watch.disconnect();
            requestAnimationFrame(() => done([begun, Date.now()]));
          });
          watch.observe(document.body, { subtree: true, childList: true, characterData: true });
        }),
      title,
    );
    here.push(shown - begun);
    there.push((await arrives) - begun);
  }
  say("added → visible, processor four times slower, p95", `${p95(here)} ms, in the middle ${middle(here)} ms`, "50 ms");
  say("added → visible in another tab, processor four times slower, p95", `${p95(there)} ms, in the middle ${middle(there)} ms`, "200 ms");
  assert.ok(p95(here) < 5_000 && p95(there) < 10_000);
  await clean(page);
});

test("ten thousand tasks are soon usable and answer at once", async () => {
  const page = await open(browser);
  page.setDefaultTimeout(60_000);
  await signUp(page);
  await fill(
    page,
    Array.from({ length: 10_000 }, (_, i) => ({ title: `task ${i}`, due_date: `2027-01-${String(1 + (i % 28)).padStart(2, "0")}` })),
  );
  await page.reload();
  await page.getByRole("link", { name: "Inbox 10,000" }).waitFor();
  await page.evaluate(() => window.dispatchEvent(new Event("pagehide")));
  await page.waitForTimeout(2_000); // the browser keeps them
  await page.goto("/tasks");
  await row(page, "task 0").first().waitFor();
  const usable = await page.evaluate(() => performance.now());
  say("/tasks with 10,000 tasks, usable", `${Math.round(usable)} ms`, "1000 ms");
  assert.ok(usable < 20_000);
  await live(page);

  const frames = await page.evaluate(scrolled);
  say("scrolling 10,000 tasks, p95 from frame to frame", `${p95(frames).toFixed(1)} ms of ${frames.length}`, "16.7 ms");
  assert.ok(p95(frames) < 500);
  await page.evaluate(() => window.scrollTo(0, 0));
  await row(page, "task 0").first().waitFor();

  await slow(page, 4);
  await page.evaluate(() => {
    window.waits = [];
    new PerformanceObserver((list) => {
      for (const e of list.getEntries()) if (e.interactionId) window.waits.push(e.duration);
    }).observe({ type: "event", durationThreshold: 16, buffered: false });
  });
  for (let i = 0; i < 8; i++)
    for (const key of ["j", "2", "z"]) {
      await page.keyboard.press(key);
      await page.waitForTimeout(150); // as fast as hands are
    }
  await page.getByLabel("Search").first().pressSequentially("task 99", { delay: 150 });
  await page.getByLabel("Search").first().fill("");
  await page.getByLabel("Add a task").fill("one more tomorrow"); // before all others, so that it is in sight
  await page.getByLabel("Add a task").press("Enter");
  await row(page, "one more").waitFor();
  const waits = await page.evaluate(() => window.waits);
  say(
    "interaction to next paint with 10,000 tasks, processor four times slower, p95",
    `${p95(waits)} ms of ${waits.length}, in the middle ${middle(waits)} ms`,
    "100 ms",
  );
  assert.ok(waits.length > 0 && p95(waits) < 10_000);
  await clean(page);
});

/** Scrolls down, three rows a frame; answers the milliseconds between frames. Evaluated in the page. */
const scrolled = () =>
  new Promise((done) => {
    const at = [];
    function frame(now) {
      at.push(now);
      window.scrollBy(0, 120);
      if (at.length <= 180) requestAnimationFrame(frame);
      else done(at.slice(1).map((t, i) => t - at[i]));
    }
    requestAnimationFrame(frame);
  });
