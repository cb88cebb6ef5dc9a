// What is done to lists: many rows at once, by hand, by date, in words, by fields; and how each is taken back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { add, clean, fill, launch, live, open, row, signUp } from "./browser.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const count = (page, title) =>
  page.waitForFunction((t) => [...document.querySelectorAll("[data-task]")].every((r) => !r.innerText.includes(t)), title);

test("many rows are marked, changed at once, and taken back in one step", async () => {
  const page = await open(browser, { viewport: { width: 1280, height: 360 } }); // so low that the bar stands at its edge
  await signUp(page);
  await fill(
    page,
    ["One", "Two", "Three", "Four"].map((title) => ({ title })),
  );
  await row(page, "Four").waitFor();
  await row(page, "One")
    .getByRole("link")
    .click({ modifiers: ["Control"] });
  await row(page, "Three")
    .getByRole("link")
    .click({ modifiers: ["Shift"] });
  const bar = page.getByRole("toolbar");
  await bar.getByText("3 selected").waitFor();
  await bar.getByRole("button", { name: "Priority" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "High" }).click();
  const said = page.getByText("Priority high: 3 tasks");
  await said.waitFor();
  const [message, tools] = await Promise.all([said.boundingBox(), bar.boundingBox()]);
  assert.ok(message.y + message.height <= tools.y, "what the page says hides what can be done");
  for (const title of ["One", "Two", "Three"]) await row(page, title).getByText("High").waitFor();
  assert.equal(await row(page, "Four").getByText("High").count(), 0);
  await bar.getByRole("button", { name: "Tag" }).click();
  await page.getByRole("dialog").getByLabel("Add a tag").fill("home");
  await page.keyboard.press("Enter");
  await row(page, "Two").getByText("#home").waitFor();
  await bar.getByRole("button", { name: "Complete" }).click();
  await page.getByText("Completed 3 tasks").waitFor();
  await bar.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).last().click();
  for (const title of ["One", "Two", "Three"]) assert.equal(await row(page, title).getByRole("checkbox").isChecked(), false);

  await row(page, "One").getByRole("link").focus();
  await page.keyboard.press("Shift+J");
  await page.keyboard.press("Delete");
  await page.getByText("Moved 2 tasks to the trash").waitFor();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelectorAll("[data-task]").length === 2);
  await clean(page);
});

test("a key brings the line to where one is in a long list", async () => {
  const page = await open(browser);
  await signUp(page);
  await fill(
    page,
    Array.from({ length: 60 }, (_, i) => ({ title: `Task ${i}` })),
  );
  await row(page, "Task 59").scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => window.scrollY);
  assert.ok(before > 500);
  await page.keyboard.press("q");
  await page.keyboard.type("from down here");
  const { y, height } = await page.getByLabel("Add a task").boundingBox();
  assert.ok(y >= 0 && height > 0 && y < 100, "the line is not in sight");
  assert.equal(await page.evaluate(() => window.scrollY), before);
  await page.keyboard.press("Enter");
  await page.getByText("Added “from down here”").waitFor();
  assert.equal(await page.evaluate(() => window.scrollY), before);
  await clean(page);
});

test("a task is dragged to another day and keeps its time", async () => {
  const page = await open(browser);
  await signUp(page);
  await page.getByLabel("Add a task").fill("Call Ana tomorrow 3pm");
  await page.getByText("Due: tomorrow 15:00").last().waitFor();
  await page.getByLabel("Add a task").press("Enter");
  await page.getByRole("link", { name: "Upcoming" }).click();
  await row(page, "Call Ana").waitFor();
  const days = page.locator("section[aria-label]");
  await row(page, "Call Ana").dragTo(days.nth(4));
  await days.nth(4).getByText("Call Ana").waitFor();
  await days.nth(4).getByText("15:00").last().waitFor();
  await row(page, "Call Ana").dragTo(page.getByRole("link", { name: "Inbox" }));
  await page.getByText("No date: “Call Ana”").waitFor();
  await clean(page);
});

test("a date is said in words or picked from the month, by the keyboard alone", async () => {
  const page = await open(browser);
  await signUp(page);
  await add(page, "Dentist");
  await row(page, "Dentist").getByRole("link").focus();
  await page.keyboard.press("t");
  await page.getByLabel("Due, in words").waitFor();
  await page.keyboard.type("tomorrow 9:30am");
  await page.keyboard.press("Enter");
  await row(page, "Dentist").getByText("09:30").first().waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Dentist", "the keyboard is back on the row");
  await page.keyboard.press("t");
  await page.getByRole("dialog").getByRole("grid").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Next", exact: true }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: / 15 / }).click();
  await row(page, "Dentist")
    .getByText(/15 \w+ 09:30/)
    .first()
    .waitFor();
  await clean(page);
});

test("a repeat is set field by field, with the next five dates in sight", async () => {
  const page = await open(browser);
  await signUp(page);
  await add(page, "Report");
  await row(page, "Report").getByRole("link").click();
  await page.getByRole("button", { name: "Set the repeat by fields" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("How many").fill("2");
  await sheet.getByText("Every 2 weeks").waitFor();
  await sheet.getByLabel("Of what").selectOption("monthly");
  await sheet.getByLabel("On which day").selectOption("workday");
  await sheet.getByText("Every 2 months on the last workday").waitFor();
  assert.equal(await sheet.locator("time").count(), 5);
  await sheet.getByRole("button", { name: "Save" }).click();
  await row(page, "Report").getByText("repeats every 2 months on the last workday").waitFor({ state: "attached" });
  await page.getByText("Repeat changed: “Report”").waitFor();
  await page.getByRole("button", { name: "Undo" }).last().click();
  await row(page, "Report").getByText("repeats").waitFor({ state: "detached" });
  await clean(page);
});

test("notes are written as text and read as lists, links and boxes", async () => {
  const page = await open(browser);
  await signUp(page);
  await add(page, "Trip");
  await row(page, "Trip").getByRole("link").click();
  const panel = page.getByRole("complementary");
  await panel.getByLabel("Notes").fill("**early** <img src=x onerror=alert(1)> [evil](javascript:alert(1))\n- [ ] passport");
  await panel.getByLabel("Notes").blur();
  await panel.locator("strong", { hasText: "early" }).waitFor();
  assert.equal(await panel.locator("img, a[href^=javascript]").count(), 0);
  await panel.getByRole("checkbox", { name: "passport" }).check();
  await panel.getByText("after").first().waitFor({ state: "attached" });
  await page.reload();
  assert.equal(await panel.getByRole("checkbox", { name: "passport" }).isChecked(), true);
  await clean(page);
});

test("a known tag is offered while it is typed", async () => {
  const page = await open(browser);
  await signUp(page);
  await fill(page, [{ title: "Old", tags: ["garden"] }]);
  await row(page, "Old").waitFor();
  await page.getByLabel("Add a task").pressSequentially("Mow the lawn #gar");
  await page.getByRole("option", { name: "#garden" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.getByLabel("Add a task").inputValue(), "Mow the lawn #garden ");
  await page.keyboard.press("Enter");
  await row(page, "Mow the lawn").getByText("#garden").waitFor();
  await clean(page);
});

test("a tag is renamed in every task that has it, taken off them all, and both are one step back", async () => {
  const page = await open(browser);
  await signUp(page);
  await fill(page, [
    { title: "One", tags: ["home"] },
    { title: "Two", tags: ["work", "home"] },
    { title: "Three", tags: ["work"] },
  ]);
  await page.goto("/tasks?tag=home");
  await row(page, "Two").waitFor();
  await page.getByRole("button", { name: "Rename or remove #home" }).click();
  await page.getByLabel("Name of the tag").fill("#house");
  await page.getByRole("button", { name: "Rename in 2 tasks" }).click();
  await page.waitForURL(/tag=%5B%22house%22%5D|tag=house/);
  await page.getByRole("heading", { name: "#house" }).waitFor();
  for (const title of ["One", "Two"]) await row(page, title).getByText("#house").waitFor();
  await page.getByRole("button", { name: "Rename or remove #house" }).click();
  await page.getByRole("button", { name: "Take it off 2 tasks" }).click();
  await page.getByRole("link", { name: /^house/ }).waitFor({ state: "detached" });
  await row(page, "Three").getByText("#work").waitFor();
  await page.getByRole("button", { name: "Undo" }).last().click();
  await page.getByRole("link", { name: /^house/ }).click();
  for (const title of ["One", "Two"]) await row(page, title).waitFor();
  await clean(page);
});

test("the palette does to a task what a key does", async () => {
  const page = await open(browser);
  await signUp(page);
  await add(page, "Bread");
  await row(page, "Bread").getByRole("link").focus();
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Type a command or a task").waitFor();
  await page.keyboard.type("due tomorrow");
  await page.keyboard.press("Enter");
  await page.getByText("Due tomorrow: “Bread”").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Bread");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await page.waitForURL(/due=today/);
  await clean(page);
});

test("five thousand pasted lines are offered as tasks, and they go in together", async () => {
  const page = await open(browser);
  page.setDefaultTimeout(60_000);
  await signUp(page);
  const lines = Array.from({ length: 5_000 }, (_, i) => `- line ${i}`).join("\n");
  await page.getByLabel("Add a task").focus();
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, lines);
  await page.getByRole("button", { name: "Add 5,000 tasks" }).click();
  await page.getByText("Added 5,000 tasks").waitFor();
  await page.getByRole("link", { name: "Inbox 5,000" }).waitFor();
  await page.waitForFunction(() => !document.body.innerText.includes("not sent yet"), null, { timeout: 120_000 });
  await page.reload();
  await page.getByRole("link", { name: "Inbox 5,000" }).waitFor();
  await clean(page);
});

test("a list of ten thousand is scrolled, searched and walked through by keys", async () => {
  const page = await open(browser);
  page.setDefaultTimeout(60_000);
  await signUp(page);
  await fill(
    page,
    Array.from({ length: 10_000 }, (_, i) => ({ title: `task ${i}` })),
  );
  await page.reload();
  await page.getByRole("link", { name: "Inbox 10,000" }).waitFor();
  assert.ok((await page.locator("[data-task]").count()) < 100, "only what is looked at is drawn");
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await page.waitForFunction(() => [...document.querySelectorAll("[role=listitem]")].some((r) => Number(r.ariaPosInSet) > 9_900));
  await page.keyboard.press("/");
  await page.keyboard.type("task 4321");
  await count(page, "task 1");
  await row(page, "task 4321").waitFor();
  await clean(page);
});

test("on paper it is a checklist, and where the system has its own colours a tick is still a tick", async () => {
  const page = await open(browser);
  await signUp(page);
  await add(page, "Bread");
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.getByLabel("Add a task").isVisible(), false);
  assert.equal(await page.getByRole("navigation").first().isVisible(), false);
  assert.equal(await row(page, "Bread").isVisible(), true);
  await page.emulateMedia({ media: "screen", forcedColors: "active" });
  await row(page, "Bread").getByRole("checkbox").check();
  const tick = row(page, "Bread").locator(".tick-sign");
  await page.waitForFunction((el) => getComputedStyle(el).opacity === "1", await tick.elementHandle());
  const colours = await tick.evaluate((el) => [getComputedStyle(el).color, getComputedStyle(el.previousElementSibling).backgroundColor]);
  assert.notEqual(colours[0], colours[1]);
  await clean(page);
});

test("at four times the size everything is there and nothing is cut off", async () => {
  const page = await open(browser, { viewport: { width: 360, height: 225 }, deviceScaleFactor: 4 }); // 1440 × 900 at 400 %
  await signUp(page);
  await add(page, "Bread");
  await row(page, "Bread").getByRole("link").press("Enter");
  await page.getByRole("complementary").waitFor();
  for (const address of [page.url(), "/tasks", "/settings", "/activity", "/numbers"]) {
    await page.goto(address);
    await live(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 360), address);
  }
  await clean(page);
});
