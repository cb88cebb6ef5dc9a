// What the page is for, through the real stack: from signing up to looking back at who did what.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { add, again, clean, launch, live, open, password, row, sent, signUp, somebody } from "./browser.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

test("what one tab does, another shows at once and says so", async () => {
  const here = await open(browser);
  const person = await signUp(here);
  const there = await again(browser, person);

  await add(here, "Pay rent");
  await row(there, "Pay rent").waitFor();
  await there.getByText("Task added: Pay rent").waitFor();

  await row(here, "Pay rent").getByRole("checkbox").check();
  await there.getByText("Task completed: Pay rent").waitFor();
  assert.equal(await row(there, "Pay rent").getByRole("checkbox").isChecked(), true);

  await row(here, "Pay rent").getByRole("checkbox").uncheck();
  await row(here, "Pay rent").hover();
  await row(here, "Pay rent").getByRole("button", { name: "Rename" }).click();
  await here.getByLabel("Title", { exact: true }).fill("Pay the rent");
  await here.keyboard.press("Enter");
  await there.getByText("Task updated: Pay the rent").waitFor();
  await row(there, "Pay the rent").waitFor();
  await clean(here);
  await clean(there);
});

test("what is deleted lies in the trash and comes back", async () => {
  const page = await open(browser);
  await signUp(page);
  await add(page, "Call Ana");
  await row(page, "Call Ana").hover();
  await row(page, "Call Ana").getByRole("button", { name: "Delete" }).click();
  await row(page, "Call Ana").waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Undo" }).last().click();
  await row(page, "Call Ana").waitFor();

  await row(page, "Call Ana").hover();
  await row(page, "Call Ana").getByRole("button", { name: "Delete" }).click();
  await row(page, "Call Ana").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Trash" }).click();
  await page.getByRole("button", { name: "Restore “Call Ana”" }).click();
  await page.getByText("The trash is empty").waitFor();
  await page.getByRole("link", { name: /^Inbox/ }).click();
  await row(page, "Call Ana").waitFor();
  await clean(page);
});

test("the trail tells who did what, newest first, with what it was before", async () => {
  const page = await open(browser);
  await signUp(page);
  await add(page, "Draft");
  await row(page, "Draft").getByRole("link").click();
  await page.getByLabel("Title", { exact: true }).fill("Letter");
  await page.keyboard.press("Enter");
  await row(page, "Letter").getByRole("checkbox").check();
  await page.getByRole("link", { name: "Activity" }).click();
  await page.getByText("You completed “Letter”").waitFor();
  const lines = await page.locator("main li p").allInnerTexts();
  assert.deepEqual(
    lines.map((l) => l.trim()).filter((l) => l.includes("“")),
    ["You completed “Letter”", "You changed “Letter”", "You added “Draft”"],
  );
  const change = await page.locator("main li li").first().innerText();
  assert.match(change.replace(/\s+/g, " "), /Title: .*Draft.*Letter/);
  await clean(page);
});

test("a task opens by its address, cold, and a reload shows the same", async () => {
  const page = await open(browser);
  await signUp(page);
  await add(page, "Find me");
  await sent(page);
  await row(page, "Find me").getByRole("link").click();
  await page.waitForURL(/\/tasks\/[0-9a-f-]{36}/);
  await page.getByLabel("Notes").fill("In the blue folder.");
  await page.getByLabel("Notes").blur();
  await page.getByText("Notes: before nothing").waitFor();
  const address = page.url();

  const cold = await page.context().newPage();
  await cold.goto(address);
  await cold.getByRole("complementary", { name: "Task: Find me" }).waitFor();
  await cold.getByRole("complementary").getByText("In the blue folder.", { exact: true }).first().waitFor(); // in its history too
  await cold.reload();
  await cold.getByRole("complementary", { name: "Task: Find me" }).waitFor();
  assert.equal(await cold.title(), "Find me · Tickler");
  await clean(page);
});

test("due date, priority and tags are set in the panel and filter the list by address", async () => {
  const page = await open(browser);
  await signUp(page);
  await add(page, "With everything");
  await add(page, "With nothing");
  await row(page, "With everything").getByRole("link").click();
  const panel = page.getByRole("complementary");
  await panel.getByRole("button", { name: "Today" }).click();
  await panel.getByText("High", { exact: true }).click();
  await panel.getByLabel("Add a tag").fill("home");
  await panel.getByLabel("Add a tag").press("Enter");
  await panel.getByText("Tags: before nothing").waitFor();
  for (const address of ["/tasks?due=today", "/tasks?tag=home", "/tasks?priority=high", "/tasks?q=everything"]) {
    await page.goto(address);
    await row(page, "With everything").waitFor();
    assert.equal(await row(page, "With nothing").count(), 0, address);
  }
  await clean(page);
});

test("a visitor is sent to sign in and then to where they wanted to go", async () => {
  const page = await open(browser);
  page.provoked = true; // by a wrong password
  const person = await signUp(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: /things to do/i }).waitFor();

  await page.goto("/activity");
  await page.waitForURL(/\/signin\?next=%2Factivity/);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("do not match").waitFor();
  assert.equal(await page.getByLabel("E-mail").inputValue(), person.email, "what was typed stays");

  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/activity$/);
  await page.goto("/");
  await page.waitForURL(/\/tasks$/);
  await clean(page);
});

test("an address that leads away is not followed after signing in", async () => {
  const page = await open(browser);
  const person = somebody();
  await page.goto("/signup?next=//evil.example/x");
  await page.getByLabel("Name").fill(person.name);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL(/\/tasks$/);
  await clean(page);
});

test("a session that is over leads to sign-in, and back to the same place", async () => {
  const page = await open(browser);
  await signUp(page);
  await page.goto("/tasks?due=today");
  await live(page);
  await page.context().clearCookies();
  await page.reload();
  await page.waitForURL(/\/signin\?next=%2Ftasks%3Fdue%3Dtoday/);
  await clean(page);
});
