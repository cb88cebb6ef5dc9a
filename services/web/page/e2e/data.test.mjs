// What goes in and out: files of other programs with a report, everything to take along, the calendar, webhooks.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { add, clean, launch, live, open, row, sent, signUp } from "./browser.mjs";
import { faults } from "./faults.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const todoist = `TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE,DURATION,DURATION_UNIT
task,Pay rent @home,to the new account,1,1,Ada (1),,2027-12-31,en,Europe/Berlin,,None
task,Water plants,,4,2,Ada (1),,every! 3 days,en,,,
task,Write report,,2,1,Ada (1),,soonish,en,,,
`;

async function choose(page, name, content) {
  await page.getByLabel("File").setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(content) });
}

test("a file from Todoist is tried, brought in, reported on, and the second time changes nothing", async () => {
  const page = await open(browser);
  await signUp(page);
  await page.goto("/settings/data");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByText("Choose a file first.").waitFor();
  await choose(page, "todoist.csv", todoist);
  await page.getByRole("button", { name: "Try without changing anything" }).click();
  await page.getByText("Would add 3, change 0, leave out 0.").waitFor();
  const report = page.getByRole("table", { name: "What did not fit" });
  await report.getByRole("row", { name: /line 4 .*soonish/ }).waitFor();
  assert.deepEqual(await faults(page), []);
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByText("Added 3, changed 0, left out 0.").waitFor();
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByText("Added 0, changed 0, left out 3.").waitFor();
  await page.getByRole("link", { name: "Inbox 3" }).click();
  await row(page, "Pay rent").getByText("#home").waitFor();
  await row(page, "Pay rent").getByText("Critical").waitFor();
  await row(page, "Water plants")
    .getByText(/^repeats every 3 days/)
    .waitFor({ state: "attached" });
  await row(page, "Write report").waitFor();
  await clean(page);
});

test("a file that is something else is refused in words, and so is one that nobody takes just now", async () => {
  const page = await open(browser);
  await signUp(page);
  page.provoked = true;
  await page.goto("/settings/data");
  await choose(page, "picture.csv", "\u0000\u0001 no table");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  const alert = page.getByRole("alert").first();
  await alert.waitFor();
  assert.ok((await alert.innerText()).length > 10);
  await page.route("**/import?**", (route) => route.fulfill({ status: 503, headers: { "Retry-After": "1" }, body: "" }));
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByRole("alert").getByText("cannot be reached just now").waitFor();
  assert.equal(await page.getByLabel("File").evaluate((el) => el.files.length), 1, "the file is still chosen");
  await page.unrouteAll();
  await clean(page);
});

test("everything is taken along in each format, and the JSON brings it back for somebody else", async () => {
  const page = await open(browser);
  await signUp(page);
  await add(page, "Carry me, “quoted”, and < back");
  await sent(page);
  await page.goto("/settings/data");
  const taken = {};
  for (const [name, format] of [
    ["Download JSON", "json"],
    ["Download CSV", "csv"],
    ["Download calendar", "ics"],
  ]) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
    assert.equal(download.suggestedFilename(), `tickler.${format}`);
    taken[format] = readFileSync(await download.path(), "utf8");
    assert.match(taken[format], /Carry me/, format);
  }
  assert.match(taken.ics, /^BEGIN:VCALENDAR\r\n/);
  await clean(page);

  const other = await open(browser);
  await signUp(other);
  await other.goto("/settings/data");
  await other.getByLabel(/^From/).selectOption("json");
  await choose(other, "tickler.json", taken.json);
  await other.getByRole("button", { name: "Import", exact: true }).click();
  await other.getByText("Added 1, changed 0, left out 0.").waitFor();
  await other.getByRole("link", { name: "Inbox 1" }).click();
  await row(other, "Carry me, “quoted”, and < back").waitFor();
  await clean(other);
});

test("a calendar follows the dates at an address that can be replaced and ended", async () => {
  const page = await open(browser);
  await signUp(page);
  await page.getByLabel("Add a task").fill("Dentist tomorrow 3pm");
  await page.getByText("Due: tomorrow 15:00").last().waitFor();
  await page.getByLabel("Add a task").press("Enter");
  await row(page, "Dentist").waitFor();
  await page.waitForFunction(() => !document.body.innerText.includes("waiting"));
  await page.goto("/settings/data");
  await live(page);
  const address = page.locator("code", { hasText: "/calendar/" });
  await page.getByRole("button", { name: "Make an address" }).click();
  const first = await address.innerText();
  const feed = await fetch(first);
  assert.equal(feed.status, 200);
  assert.match(await feed.text(), /SUMMARY:Dentist/);
  await page.getByRole("button", { name: "Make an address" }).click();
  await page.waitForFunction((was) => !document.body.innerText.includes(was), first);
  const second = await address.innerText();
  assert.equal((await fetch(first)).status, 404, "the old address has ended");
  assert.equal((await fetch(second)).status, 200);
  await page.getByRole("button", { name: "End the address" }).click();
  await page.getByText("The address has ended.").waitFor();
  assert.equal((await fetch(second)).status, 404);
  await clean(page);
});

test("a webhook to a private address is refused at its field, what was typed stays, and another can be switched off", async () => {
  const page = await open(browser);
  await signUp(page);
  page.provoked = true;
  await page.goto("/settings/data");
  await page.getByLabel("Address", { exact: true }).fill("https://127.0.0.1/hook");
  await page.getByRole("button", { name: "Add a webhook" }).click();
  await page
    .getByRole("alert")
    .getByText(/^Address: /)
    .waitFor();
  assert.equal(await page.getByLabel("Address", { exact: true }).inputValue(), "https://127.0.0.1/hook");

  // One that may be: its secret is shown this once, and it can be switched off and on again.
  await page.getByLabel("Address", { exact: true }).fill("https://hook.example/tickler");
  await page.getByRole("button", { name: "Add a webhook" }).click();
  await page.getByText(/^whsec_/).waitFor();
  await page.getByRole("button", { name: "Switch off https://hook.example/tickler" }).click();
  await page.getByText("switched off: nothing is told").waitFor();
  await page.getByRole("button", { name: "Switch on https://hook.example/tickler" }).click();
  await page.getByRole("button", { name: "Remove https://hook.example/tickler" }).click();
  await page.getByRole("button", { name: "Remove https://hook.example/tickler" }).waitFor({ state: "detached" });
  await clean(page);
});
