// Talking to one's tasks: seen to happen, asked about, kept over a reload, and harmless whatever a title says.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { add, again, clean, launch, open, row, sent, signUp } from "./browser.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

async function say(page, words) {
  const field = page.getByLabel("Say what to do");
  await field.fill(words);
  await field.press("Enter");
  await page.getByRole("button", { name: "Send" }).waitFor(); // the answer is done
}

test("what is said is done, shown, and still there after a reload", async () => {
  const page = await open(browser);
  await signUp(page);
  await page.goto("/chat");
  await say(page, "add call the dentist tomorrow at 3pm, remind me 1 hour before, then show what's due this week");
  const log = page.getByRole("log");
  await log.getByRole("link", { name: /call the dentist/i }).waitFor();
  await log.getByText("Added a task").waitFor();
  await page.waitForURL(/\/chat\/[0-9a-f-]{36}$/);
  assert.equal(await page.getByText("Task added: call the dentist").count(), 0, "what the agent says is said once more");
  await log.getByRole("checkbox", { name: "Complete “call the dentist”" }).first().check();
  const [said, field] = await Promise.all([
    page.getByText("Completed “call the dentist”").boundingBox(),
    page.getByLabel("Say what to do").boundingBox(),
  ]);
  assert.ok(said.y + said.height <= field.y, "what the page says hides the field");
  await page.reload();
  await log.getByRole("link", { name: /call the dentist/i }).waitFor();
  assert.equal(await log.getByRole("article", { name: "Agent" }).count(), 1);
  await clean(page);
});

test("what is said in one browser is seen in another, as the agent's", async () => {
  const page = await open(browser);
  const person = await signUp(page);
  const other = await again(browser, person);
  await page.goto("/chat");
  await say(page, "add buy milk tomorrow");
  await row(other, "buy milk").waitFor();
  await other.goto("/activity");
  await other.getByText(/added “buy milk”/i).waitFor();
  await clean(page);
  await clean(other);
});

test("several changes wait for a yes", async () => {
  const page = await open(browser);
  await signUp(page);
  await add(page, "Swim");
  await add(page, "Read");
  await sent(page);
  await page.goto("/chat");
  await say(page, "delete 'Swim' and 'Read'");
  await page.getByRole("button", { name: "Yes, do it" }).click();
  await page
    .getByRole("log")
    .getByText(/Moved 2 tasks to the trash/)
    .waitFor();
  await page.goto("/tasks");
  await page.getByLabel("Add a task").waitFor();
  await page.waitForFunction(() => document.querySelectorAll("[data-task]").length === 0);
  await clean(page);
});

test("a title that is Markdown or HTML is text, and loads nothing", async () => {
  const page = await open(browser);
  await signUp(page);
  await add(page, "![x](http://127.0.0.1:9/x.png) <img src=//127.0.0.1:9/y.png>");
  await sent(page);
  await page.goto("/chat");
  await say(page, "list my tasks");
  const log = page.getByRole("log");
  await log.locator("li, p", { hasText: "x.png" }).first().waitFor();
  assert.equal(await log.locator("img").count(), 0);
  await clean(page);
});
