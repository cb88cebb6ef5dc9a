// Every state that a page has besides its usual one, in both themes: no fault that axe can see.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { add, clean, fill, launch, live, open, row, signUp } from "./browser.mjs";
import { faults } from "./faults.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

// A list that is scrolled from its field by the arrow keys (aria-activedescendant), which axe does not know.
const steered = ["scrollable-region-focusable"];

/** Nothing is wrong, and nothing sticks out. */
async function fine(page, what, except = []) {
  assert.deepEqual(await faults(page, except), [], what);
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(wide <= room, `${what} is ${wide} pixels wide in ${room}`);
}

const looks = [
  { colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { colorScheme: "dark", viewport: { width: 390, height: 760 } },
  { colorScheme: "light", viewport: { width: 320, height: 640 } },
  { colorScheme: "dark", viewport: { width: 1280, height: 800 } },
];

for (const look of looks) {
  const name = `${look.colorScheme}, ${look.viewport.width} wide`;

  test(`what opens over a list is without fault, ${name}`, async () => {
    const page = await open(browser, { ...look, reducedMotion: "reduce" });
    await signUp(page);
    await fill(page, [
      { title: "Pay rent", due_date: "2020-01-01", priority: "critical", tags: ["home"] },
      { title: "Standup", due_date: "2030-01-07", recurrence_rule: "every monday", description: "**bold**\n- [ ] box" },
    ]);
    await row(page, "Standup").waitFor();
    await page.getByLabel("Add a task").fill("Call Ana tomorrow 3pm !high #home");
    await page.getByText("Due: tomorrow 15:00").last().waitFor();
    await fine(page, "a line that is read");
    await page.getByLabel("Add a task").fill("x".repeat(201));
    await page.getByText("at most 200 characters").waitFor();
    await fine(page, "a line that is too long");
    await page.getByLabel("Add a task").fill("");
    await page.getByLabel("Add a task").pressSequentially("Mow #ho");
    await page.getByRole("option", { name: "#home" }).waitFor();
    await fine(page, "tags on offer");
    await page.getByLabel("Add a task").fill("");
    await page.getByLabel("Add a task").blur();

    await row(page, "Pay rent").getByRole("link").focus();
    await page.keyboard.press("t");
    await page.getByLabel("Due, in words").waitFor();
    await fine(page, "the dates");
    await page.keyboard.press("Escape");
    await page.getByLabel("Due, in words").waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await fine(page, "the keys");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor({ state: "detached" });
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder("Type a command or a task").waitFor();
    await fine(page, "the palette", steered);
    await page.keyboard.press("Escape");
    await page.getByPlaceholder("Type a command or a task").waitFor({ state: "detached" });

    await page.getByRole("button", { name: "Filter and sort" }).click();
    await page.getByLabel("Sort by").waitFor();
    await fine(page, "the filters");
    await page.getByRole("button", { name: "Select several" }).click();
    await page.getByRole("toolbar").waitFor();
    await fine(page, "selecting");
    await page.getByRole("button", { name: "End selecting" }).click();
    await row(page, "Standup").getByRole("link").click();
    await page.getByRole("button", { name: "Set the repeat by fields" }).click();
    await page.getByRole("dialog").locator("time").first().waitFor();
    await fine(page, "the repeat");
    await clean(page);
  });

  test(`what went wrong is said without fault, ${name}`, async () => {
    const page = await open(browser, { ...look, reducedMotion: "reduce" });
    page.provoked = true;
    await page.goto("/signin");
    await page.getByLabel("E-mail").fill("nobody@example.com");
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("do not match").waitFor();
    await fine(page, "a sign-in that is refused");
    await page.goto("/signup");
    await page.getByLabel("Name").fill("Ana");
    await page.getByLabel("E-mail").fill("ana-guessed@example.com");
    await page.getByLabel("Password").fill("password123");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("among the most guessed ones").waitFor();
    await fine(page, "a field that is refused");
    await page.goto("/reset-password?error=INVALID_TOKEN");
    await page.locator("h1").waitFor();
    await fine(page, "a link that is too old");

    await signUp(page);
    await add(page, "Kept");
    await page.goto("/tasks?q=nothing-like-it");
    await page.getByText("Nothing matches").waitFor();
    await fine(page, "nothing found");
    await page.goto("/tasks/01900000-0000-7000-8000-000000000000");
    await page.getByText("No such task").waitFor();
    await fine(page, "no such task");
    await page.goto("/chat/01900000-0000-7000-8000-000000000000");
    await page.getByText("No such conversation").waitFor();
    await fine(page, "no such conversation");
    await page.route(/\/api\/(?!auth\/)/, (route) => route.fulfill({ status: 503, headers: { "Retry-After": "1" }, body: "" }));
    for (const address of ["/activity", "/settings/data", "/chat"]) {
      await page.goto(address);
      await page.getByRole("alert").first().waitFor();
      await fine(page, `${address} while nothing answers`);
    }
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.goto("/tasks");
    await live(page);
    await page.context().setOffline(true);
    await page.getByText("Offline.").first().waitFor({ state: "attached" });
    await add(page, "In the tunnel");
    await fine(page, "offline");
    await page.context().setOffline(false);
    await clean(page);
  });
}

test("on a phone the drawer, the search and the chat are without fault", async () => {
  const page = await open(browser, { ...looks[1], isMobile: true, hasTouch: true, reducedMotion: "reduce" });
  await signUp(page);
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("dialog", { name: "Lists and pages" }).waitFor();
  await fine(page, "the drawer");
  await page.getByRole("dialog").getByRole("link", { name: "Chat" }).click();
  await page.getByLabel("Say what to do").fill("add buy milk tomorrow");
  await page.getByLabel("Say what to do").press("Enter");
  await page
    .getByRole("log")
    .getByRole("link", { name: /buy milk/i })
    .waitFor();
  await page.getByRole("button", { name: "Send" }).waitFor();
  await fine(page, "a conversation");
  await clean(page);
});
