// For everybody: by keyboard alone, on a narrow screen, in both themes, and never a request to somewhere else.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { add, base, clean, launch, live, open, password, row, signUp, somebody } from "./browser.mjs";
import { faults } from "./faults.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

for (const colorScheme of ["light", "dark"]) {
  test(`no page has a fault that axe can see, ${colorScheme}`, async () => {
    const page = await open(browser, { colorScheme, reducedMotion: "reduce" });
    for (const address of ["/", "/signin", "/signup", "/forgot", "/reset-password", "/privacy", "/no-such-page"]) {
      await page.goto(address);
      await page.locator("h1").waitFor();
      assert.deepEqual(await faults(page), [], address);
    }
    page.provoked = true;
    await signUp(page);
    await add(page, "Pay rent");
    await add(page, "Call Ana");
    await row(page, "Call Ana").getByRole("checkbox").check();
    await row(page, "Pay rent").getByRole("link").click();
    await page.getByText("You added").waitFor();
    assert.deepEqual(await faults(page), [], "/tasks/{id}");
    for (const address of [
      "/tasks",
      "/tasks?status=deleted",
      "/tasks?due=today",
      "/chat", // says so where the house has no chat, and the browser notes that on its console
      "/notices",
      "/activity",
      "/numbers",
      "/settings",
      "/settings/notices",
      "/settings/data",
    ]) {
      await page.goto(address);
      await live(page);
      await page.locator("h1").waitFor();
      assert.deepEqual(await faults(page), [], address);
    }
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder("Type a command or a task").waitFor();
    // The list is scrolled from the field by the arrow keys (aria-activedescendant), which axe does not know.
    assert.deepEqual(await faults(page, ["scrollable-region-focusable"]), [], "the palette");
    await clean(page);
  });
}

test("the whole way goes by keyboard alone", async () => {
  const page = await open(browser);
  const person = somebody();
  await page.goto("/");
  await page.locator("h1").waitFor();
  await tabTo(page, "Create an account");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/signup/);
  await page.getByLabel("Name").waitFor();
  await tabTo(page, "Name");
  for (const words of [person.name, person.email, password]) {
    await page.keyboard.type(words);
    await page.keyboard.press("Tab");
  }
  await page.getByLabel("Password").press("Enter");
  await page.waitForURL(/\/tasks/);
  await live(page);

  await page.keyboard.press("q");
  await page.keyboard.type("First");
  await page.keyboard.press("Enter");
  await page.keyboard.type("Second");
  await page.keyboard.press("Enter");
  await row(page, "Second").waitFor();
  await page.getByLabel("Add a task").blur();

  await page.keyboard.press("j");
  assert.equal(await focused(page), "First");
  await page.keyboard.press("j");
  assert.equal(await focused(page), "Second");
  await page.keyboard.press("1");
  await row(page, "Second").getByText("Critical").waitFor();
  await page.keyboard.press("r");
  await page.keyboard.type("Renamed");
  await page.keyboard.press("Enter");
  await row(page, "Renamed").waitFor();
  assert.equal(await focused(page), "Renamed", "the focus comes back to the row");
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: "Task: Renamed" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("complementary").waitFor({ state: "detached" });
  assert.equal(await focused(page), "Renamed", "the focus comes back from the panel");
  await page.keyboard.press("e");
  await page.getByText("Completed “Renamed”").waitFor();
  await page.keyboard.press("z");
  await page.getByText("Completed “Renamed”").waitFor({ state: "detached" });
  assert.equal(await row(page, "Renamed").getByRole("checkbox").isChecked(), false);

  await page.keyboard.press("/");
  await page.keyboard.type("first");
  await row(page, "Renamed").waitFor({ state: "detached" });
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Type a command or a task").waitFor();
  await page.keyboard.type("activity");
  await page.getByRole("option", { name: "Go to Activity" }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/activity/);
  await clean(page);
});

/** Goes on by Tab until the focus is on what has this name. */
async function tabTo(page, name) {
  const on = () =>
    page.evaluate(() => {
      const el = document.activeElement;
      return (el?.labels?.[0] ?? el)?.textContent?.trim();
    });
  for (let left = 20; left > 0 && (await on()) !== name; left--) await page.keyboard.press("Tab");
  assert.equal(await on(), name);
}

const focused = (page) => page.evaluate(() => document.activeElement?.textContent);

test("nothing sticks out at 320 pixels", async () => {
  const page = await open(browser, { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
  const check = async (address) => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 320, `${address} is ${wide} pixels wide`);
  };
  for (const address of ["/", "/signin", "/signup"]) {
    await page.goto(address);
    await page.locator("h1").waitFor();
    await check(address);
  }
  page.provoked = true; // as above, by /chat
  await signUp(page);
  await add(page, "Averyveryverylongwordthatnobodywouldeverwritebutsomebodypastesanywayintothelist");
  await check("/tasks");
  await page.getByRole("link", { name: /^Avery/ }).click();
  await page.getByRole("complementary").waitFor();
  await check("/tasks/{id}");
  for (const address of ["/chat", "/activity", "/numbers", "/settings", "/settings/notices", "/settings/data"]) {
    await page.goto(address);
    await live(page);
    await check(address);
  }
  await clean(page);
});

test("who asks for less motion gets none", async () => {
  const page = await open(browser, { reducedMotion: "reduce" });
  await signUp(page);
  await add(page, "Still");
  await row(page, "Still").getByRole("checkbox").check();
  const longest = await page
    .getByText("Completed “Still”")
    .evaluate((el) => parseFloat(getComputedStyle(el.parentElement).animationDuration));
  assert.ok(longest < 0.001, `an animation of ${longest} s`);
  await clean(page);
});

test("the page's policy allows its own origin and nothing inline", async () => {
  const answer = await fetch(new URL("/tasks", base));
  const policy = answer.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'self'/);
  assert.doesNotMatch(policy, /script-src[^;]*unsafe-/);
});
