// When something is wrong: the network, the session, the clock, the storage, the services, or what is typed. A calm
// message says what to do, and what was typed is still there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { add, again, clean, launch, live, open, password, row, sent, signUp } from "./browser.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

async function rename(page, from, to) {
  await row(page, from).getByRole("link").focus();
  await page.keyboard.press("r");
  await page.getByLabel("Title", { exact: true }).fill(to);
  await page.keyboard.press("Enter");
  await row(page, to).waitFor();
}

test("what is added and changed offline survives a reload, and both devices end with the same", async () => {
  const page = await open(browser);
  const person = await signUp(page);
  await add(page, "Shared");
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller) await new Promise((again) => setTimeout(again, 50));
    window.dispatchEvent(new Event("pagehide"));
  });
  const other = await again(browser, person);
  await row(other, "Shared").waitFor();

  page.provoked = true;
  await page.context().setOffline(true);
  await page.getByText("Offline.").first().waitFor();
  await add(page, "From the train");
  await row(page, "From the train").getByText("waiting").waitFor();
  await rename(page, "Shared", "Shared, renamed on the train");
  await row(other, "Shared").getByRole("link").focus();
  await other.keyboard.press("1"); // meanwhile, elsewhere, another field
  await row(other, "Shared").getByText("Critical").waitFor();
  await page.reload();
  await row(page, "From the train").waitFor();
  await row(page, "Shared, renamed on the train").waitFor();

  await page.context().setOffline(false);
  await sent(page);
  for (const device of [page, other]) {
    await row(device, "Shared, renamed on the train").getByText("Critical").waitFor();
    await row(device, "From the train").waitFor();
    assert.equal(await device.locator("[data-task]").count(), 2, "each once");
  }
  await clean(page);
  await clean(other);
});

test("two tabs have one queue: each shows what the other did, and the last one open sends it all", async () => {
  const page = await open(browser);
  const person = await signUp(page);
  await add(page, "Before");
  await sent(page);
  const second = await page.context().newPage();
  await second.goto("/tasks");
  await live(second);
  await page.context().setOffline(true);
  await page.getByText("Offline.").first().waitFor();
  await second.getByText("Offline.").first().waitFor();
  await add(page, "From the first");
  await row(second, "From the first").waitFor();
  await second.getByText("1 change not sent yet").first().waitFor();
  await add(second, "From the second");
  await row(page, "From the second").waitFor();
  await page.waitForTimeout(100); // nothing to wait for: what is kept is kept before the tab closes
  await page.close();
  await second.context().setOffline(false);
  await sent(second);
  const other = await again(browser, person);
  await row(other, "From the first").waitFor();
  await row(other, "From the second").waitFor();
  assert.equal(await other.locator("[data-task]").count(), 3);
  await clean(other);
  await second.context().close();
});

test("a session that ends in the middle of a sentence loses none of it", async () => {
  const page = await open(browser);
  const person = await signUp(page);
  await add(page, "Letter");
  await row(page, "Letter").getByRole("link").click();
  const panel = page.getByRole("complementary");
  await panel.getByLabel("Notes").fill("Dear Kim, half a sen");
  page.provoked = true;
  await page.context().clearCookies();
  await page.reload();
  await page.waitForURL(/\/signin/);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/tasks\/[0-9a-f-]{36}/);
  await panel.getByLabel("Notes").waitFor();
  assert.equal(await panel.getByLabel("Notes").inputValue(), "Dear Kim, half a sen");

  await page.goto("/tasks");
  await page.getByLabel("Add a task").fill("buy a stamp and");
  await page.reload();
  assert.equal(await page.getByLabel("Add a task").inputValue(), "buy a stamp and");
  await clean(page);
});

test("what is done while the server is away waits, is said, and is sent when it is back", async () => {
  const page = await open(browser);
  await signUp(page);
  page.provoked = true;
  await page.route("**/api/*/tasks**", (route) => route.abort());
  await page.route("**/api/*/sync**", (route) => route.abort());
  await page.getByLabel("Add a task").fill("In the dark");
  await page.getByLabel("Add a task").press("Enter");
  await row(page, "In the dark").waitFor();
  await page.getByText("1 change not sent yet").first().waitFor();
  await page.unrouteAll();
  await sent(page);
  await page.reload();
  await row(page, "In the dark").waitFor();
  await clean(page);
});

test("on a slow network a task is there at once, and what follows waits its turn", async () => {
  const page = await open(browser);
  await signUp(page);
  await page.route("**/api/**", async (route) => {
    await new Promise((slow) => setTimeout(slow, 1_500));
    await route.continue();
  });
  await add(page, "Slow");
  await row(page, "Slow").getByRole("checkbox").check();
  assert.equal(await row(page, "Slow").getByRole("checkbox").isChecked(), true);
  await page.unrouteAll({ behavior: "wait" });
  await sent(page);
  await page.reload();
  assert.equal(await row(page, "Slow").getByRole("checkbox").isChecked(), true);
  await clean(page);
});

for (const status of [500, 503, 429, 401])
  test(`where every service answers ${status}, each page says so calmly`, async () => {
    const page = await open(browser);
    await signUp(page);
    await add(page, "Kept");
    await sent(page);
    page.provoked = true;
    const answer = { status, headers: { "Retry-After": "1" }, contentType: "text/html", body: "<h1>no</h1>" };
    // Everything but signing in: a session that is over is a test of its own.
    await page.route(/\/api\/(?!auth\/)/, (route) => route.fulfill(answer));
    for (const address of ["/activity", "/numbers", "/notices", "/settings", "/settings/notices", "/settings/data"]) {
      await page.goto(address);
      await page.locator("h1").waitFor();
      if (status !== 401) await page.getByRole("alert").first().waitFor();
      assert.equal(await page.getByText("This page stopped working").count(), 0, address);
    }
    if (status !== 401) {
      await page.goto("/tasks");
      await page.getByLabel("Add a task").fill("Typed in trouble");
      assert.equal(await page.getByText("This page stopped working").count(), 0);
    }
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await clean(page);
  });

test("a feed that sends garbage changes nothing and is made up for", async () => {
  const page = await open(browser);
  await page.routeWebSocket(/\/ws/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((frame) => {
      for (const junk of ["{", "[]", "null", '{"type":"task.updated"}', '{"type":"task.updated","cursor":"9","task":{"id":1}}'])
        socket.send(junk);
      socket.send(frame);
    });
  });
  await signUp(page);
  await add(page, "Solid");
  await row(page, "Solid").getByRole("checkbox").check();
  await sent(page);
  await page.reload();
  assert.equal(await row(page, "Solid").getByRole("checkbox").isChecked(), true);
  await clean(page);
});

test("without any storage everything works, it is only not kept", async () => {
  const page = await open(browser);
  await page.context().addInitScript(() => {
    const no = () => {
      throw new DOMException("no", "SecurityError");
    };
    for (const name of ["localStorage", "sessionStorage", "indexedDB"]) Object.defineProperty(window, name, { get: no });
    delete Navigator.prototype.locks;
    delete window.BroadcastChannel;
  });
  await signUp(page);
  await add(page, "Unkept");
  await row(page, "Unkept").getByRole("checkbox").check();
  await sent(page);
  await page.reload();
  await row(page, "Unkept").waitFor();
  await clean(page);
});

test("a browser that keeps no cookies is told so", async () => {
  const page = await open(browser);
  const person = await signUp(page);
  await page.context().clearCookies();
  await page.route("**/api/auth/sign-in/email", async (route) => {
    const answer = await route.fetch();
    const headers = answer.headers();
    delete headers["set-cookie"];
    await page.context().clearCookies();
    await route.fulfill({ response: answer, headers });
  });
  await page.goto("/signin");
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("Allow cookies").waitFor();
  await clean(page);
});

for (const hours of [1, -1])
  test(`a clock ${hours > 0 ? "an hour ahead" : "an hour behind"} keeps nobody out and asks for no more tokens than needed`, async () => {
    const page = await open(browser);
    await page.context().addInitScript((by) => {
      const real = Date.now;
      const Real = Date;
      window.Date = class extends Real {
        constructor(...args) {
          super(...(args.length === 0 ? [real() + by] : args));
        }
        static now() {
          return real() + by;
        }
      };
    }, hours * 3_600_000);
    let tokens = 0;
    page.on("request", (request) => request.url().endsWith("/api/auth/token") && tokens++);
    await signUp(page);
    for (const title of ["One", "Two", "Three", "Four"]) await add(page, title);
    await sent(page);
    await page.waitForTimeout(3_000); // long enough for a loop of renewals to be seen
    assert.ok(tokens <= 2, `${tokens} tokens`);
    await clean(page);
  });

test("hostile titles are text, in the list, the panel, the messages and the trail", async () => {
  const page = await open(browser);
  await signUp(page);
  const titles = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "{{7*7}} ${7*7} %s",
    "‮gnp.txt‬ ⁦x⁩",
    "👩‍👩‍👧‍👦".repeat(20),
    "a".repeat(200),
  ];
  page.on("dialog", () => assert.fail("something ran"));
  for (const title of titles) {
    await page.getByLabel("Add a task").fill(title);
    await page.getByLabel("Add a task").press("Enter");
    await page.waitForFunction(() => document.querySelector("[data-quick-add]").value === "");
  }
  await page.waitForFunction((n) => document.querySelectorAll("[data-task]").length === n, titles.length);
  await sent(page);
  await row(page, "<script>").getByRole("link").click();
  await page.getByRole("complementary").getByText("You added").waitFor();
  await page.goto("/activity");
  await page.getByText("<img src=x").waitFor();

  await page.goto("/tasks");
  await page.getByLabel("Add a task").fill("x".repeat(10_000));
  await page.getByLabel("Add a task").press("Enter");
  await page.getByText("at most 200 characters").waitFor();
  assert.equal((await page.getByLabel("Add a task").inputValue()).length, 10_000, "what was typed is still there");
  await clean(page);
});
