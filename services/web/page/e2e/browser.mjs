// What every browser test starts from: Debian's chromium, a person of its own, and an eye on what the page must never do.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

export const base = process.env.TICKLER_URL ?? "http://127.0.0.1:3000";

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The same person in a second browser, signed in by the form. */
export async function again(browser, person, options) {
  const page = await open(browser, options);
  await signIn(page, person);
  await page.waitForURL(/\/tasks/);
  await live(page);
  return page;
}

export async function signIn(page, person, secret = password) {
  await page.goto("/signin");
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
}

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });

/** A page that notes every request to another origin, every policy violation and every error. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ baseURL: base, locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
  await context.addInitScript(() =>
    document.addEventListener("securitypolicyviolation", (e) =>
      console.warn(`content security policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}`),
    ),
  );
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  watch(page);
  return page;
}

export function watch(page) {
  const seen = { foreign: [], policy: [], errors: [] };
  page.seen = seen;
  page.provoked = false; // set by a test that breaks a service: then the browser says so on its console
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && url.host !== new URL(base).host) seen.foreign.push(request.url());
  });
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) seen.policy.push(message.text());
    else if (message.type() === "error" && !(page.provoked && /Failed to load|WebSocket/.test(message.text())))
      seen.errors.push(message.text());
  });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  return seen;
}

let made = 0;
export const password = "correct horse battery";

/** Somebody nobody has met. */
export const somebody = () => ({ name: "Ana", email: `ana-${Date.now()}-${process.pid}-${made++}@example.com` });

/** Signs up by the form and waits for the tasks. */
export async function signUp(page, person = somebody()) {
  await page.goto("/signup");
  await page.getByLabel("Name").fill(person.name);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL(/\/tasks/);
  await page.getByLabel("Add a task").waitFor();
  await live(page);
  return person;
}

/** Waits until the page follows the feed. */
export const live = (page) => page.locator('[data-feed="live"]').first().waitFor({ state: "attached" });

/** Waits until all that was done is sent. */
export const sent = (page) => page.locator('[data-unsent="0"]').first().waitFor({ state: "attached" });

export async function add(page, title) {
  await page.getByLabel("Add a task").fill(title);
  await page.getByLabel("Add a task").press("Enter");
  await row(page, title).waitFor();
}

/** Adds many tasks by the API, without the page. */
export async function fill(page, tasks) {
  await page.evaluate(async (tasks) => {
    const { token } = await (await fetch("/api/auth/token")).json();
    const { user } = await (await fetch("/api/auth/get-session")).json();
    const now = Date.now();
    let made = 0; // in the order of the list
    const id = () => {
      const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
      const at = (now + Math.floor(made / 4096)).toString(16).padStart(12, "0");
      return `${at.slice(0, 8)}-${at.slice(8)}-7${(made++ % 4096).toString(16).padStart(3, "0")}-8${hex.slice(5, 8)}-${hex.slice(8, 20)}`;
    };
    for (let at = 0; at < tasks.length; at += 100) {
      const commands = tasks.slice(at, at + 100).map((args) => ({ id: id(), type: "task.add", task_id: id(), args }));
      const answer = await fetch(`/api/${user.id}/sync`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ sync_token: null, commands }),
      });
      if (!answer.ok) throw new Error(`sync answered ${answer.status}`);
    }
  }, tasks);
}

export const row = (page, title) => page.locator("[data-task]", { hasText: title });

/** The end of every test: nothing left the origin, nothing broke the policy, nothing crashed. */
export async function clean(page) {
  assert.deepEqual(page.seen, { foreign: [], policy: [], errors: [] });
  await page.context().close();
}
