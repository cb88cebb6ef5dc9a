// The README's pictures, taken of the real page. They are kept only when asked for (PICTURES names the folder):
//   PICTURES=docs/pictures make e2e
import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, live, open, row, signUp } from "./browser.mjs";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const folder = process.env.PICTURES ? resolve(root, process.env.PICTURES) : null;
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const lines = [
  "Send the offer to Kim today 11:30pm !critical #work",
  "Pay rent every last workday 9am !high #home",
  "Water the plants today #home",
  "Call Ana tomorrow 3pm",
  "Read the report on friday #work",
  "Book the train to Vienna in 5 days",
  "Think of a name for the cat",
];

async function picture(page, name) {
  const shot = await page.screenshot(folder ? { path: resolve(folder, name) } : {});
  assert.ok(shot.length > 10_000);
  if (folder) assert.ok(statSync(resolve(folder, name)).size < 200_000, "small enough for a README");
}

test("the page as it is shown in the README, wide and light, narrow and dark", async () => {
  if (folder) mkdirSync(folder, { recursive: true });
  const page = await open(browser, { viewport: { width: 1280, height: 760 }, colorScheme: "light", reducedMotion: "reduce" });
  page.setDefaultTimeout(30_000);
  await signUp(page);
  for (const line of lines) {
    await page.getByLabel("Add a task").fill(line);
    const read = page.waitForResponse(/\/tasks\/parse/);
    await read;
    await page.getByLabel("Add a task").press("Enter");
    await page.waitForFunction(() => document.querySelector("[data-quick-add]").value === "");
  }
  await page.waitForFunction((n) => document.querySelectorAll("[data-task]").length === n, lines.length);
  await row(page, "Pay rent").getByRole("link").click();
  const panel = page.getByRole("complementary");
  await panel.getByLabel("Notes").fill("To the **new** account.\n- [x] ask Kim\n- [ ] check the sum");
  await panel.getByLabel("Notes").blur();
  await panel.getByRole("checkbox", { name: "check the sum" }).waitFor();
  await page.goto(page.url()); // without the messages of what was just done
  await live(page);
  await page.getByLabel("Add a task").fill("Standup every monday 9am #work");
  await page.getByText("Repeats: every Monday").last().waitFor();
  await panel.getByText("You added").waitFor();
  await picture(page, "tasks.png");

  const phone = await browser.newContext({
    baseURL: new URL(page.url()).origin,
    storageState: await page.context().storageState(),
    viewport: { width: 390, height: 760 },
    colorScheme: "dark",
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    isMobile: true,
    hasTouch: true,
  });
  const small = await phone.newPage();
  await small.goto("/tasks?due=week");
  await live(small);
  await row(small, "Call Ana").waitFor();
  await picture(small, "phone.png");
  await phone.close();
  await page.context().close();
});
