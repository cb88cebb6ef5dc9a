// What is written while something is wrong: it waits, it comes back, or it is said; it is never lost.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { add, again, clean, launch, live, open, password, row, signUp } from "./browser.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const sent = (page) => page.waitForFunction(() => !document.body.innerText.includes("not sent yet"));

for (const status of [500, 503, 429, 401])
  test(`what is done while the tasks answer ${status} waits, is said, and is sent when they answer again`, async () => {
    const page = await open(browser);
    await signUp(page);
    await add(page, "Before");
    await page.waitForFunction(() => !document.body.innerText.includes("waiting"));
    page.provoked = true;
    const answer = { status, headers: { "Retry-After": "1" }, contentType: "text/html", body: "<h1>no</h1>" };
    await page.route(/\/api\/[^/]+\/(tasks|sync)/, (route) => route.fulfill(answer));
    await page.getByLabel("Add a task").fill("Typed in trouble");
    await page.getByLabel("Add a task").press("Enter");
    await row(page, "Typed in trouble").waitFor();
    await page.getByText("1 change not sent yet").first().waitFor();
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await sent(page);
    await page.goto("/activity");
    await page.getByText("You added “Typed in trouble”").waitFor();
    assert.equal(await page.getByText("You added “Typed in trouble”").count(), 1, "sent once");
    await clean(page);
  });

test("a session that somebody ends elsewhere in the middle of a line loses none of it", async () => {
  const page = await open(browser);
  const person = await signUp(page);
  await add(page, "Letter");
  const other = await again(browser, person);
  page.provoked = true;
  await row(page, "Letter").getByRole("link").click();
  await page.getByRole("complementary").getByLabel("Notes").fill("Dear Kim, half a sen");
  await page.getByLabel("Add a task").fill("buy a stamp and");
  await other.goto("/settings");
  await other.getByRole("button", { name: "Sign out everywhere else" }).click();
  await page.waitForURL(/\/signin/);
  await page.getByText("Your session has ended.").waitFor();
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/tasks\/[0-9a-f-]{36}/);
  await page.getByRole("complementary").getByText("Dear Kim, half a sen").first().waitFor();
  assert.equal(await page.getByLabel("Add a task").inputValue(), "buy a stamp and");
  await clean(page);
  await clean(other);
});

test("where the storage is full everything works, and offline it says what is not kept", async () => {
  const page = await open(browser);
  await page.context().addInitScript(() => {
    const full = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    IDBObjectStore.prototype.put = full;
    Storage.prototype.setItem = full;
  });
  await signUp(page);
  await add(page, "Unkept");
  await row(page, "Unkept").getByRole("checkbox").check();
  await sent(page);
  page.provoked = true;
  await page.context().setOffline(true);
  await page.getByText("Offline.").first().waitFor();
  await add(page, "In the tunnel");
  await page.getByText("Leave this page open").first().waitFor();
  await page.context().setOffline(false);
  await live(page);
  await sent(page);
  await page.reload();
  await row(page, "In the tunnel").waitFor();
  await clean(page);
});

test("a form of the settings that nobody takes says so and keeps what was typed", async () => {
  const page = await open(browser);
  await signUp(page);
  await page.goto("/settings");
  page.provoked = true;
  await page.route("**/api/auth/**", (route) => route.fulfill({ status: 503, headers: { "Retry-After": "1" }, body: "" }));
  await page.getByLabel("Name", { exact: true }).fill("Ana María");
  await page.getByRole("button", { name: "Save" }).first().click();
  await page.getByRole("alert").first().waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Ana María");
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.getByRole("button", { name: "Save" }).first().click();
  await page.getByText("Saved").first().waitFor();
  await clean(page);
});

test("who signs up while nobody answers is told, and nothing of the form is lost", async () => {
  const page = await open(browser);
  await page.goto("/signup");
  page.provoked = true;
  await page.route("**/api/auth/sign-up/**", (route) => route.abort());
  await page.getByLabel("Name").fill("Ana");
  await page.getByLabel("E-mail").fill("ana-nobody@example.com");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("alert").getByText("cannot be reached just now").waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "Ana");
  assert.equal(await page.getByLabel("Password").inputValue(), password);
  await clean(page);
});
