// The account: a forgotten password, another zone, signing out elsewhere, a token, and leaving for good.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { add, base, clean, launch, live, open, password, row, sent, signIn, signUp } from "./browser.mjs";

// The mail catcher of `make up` stands at 8025, moved by the same offset as the page.
const mail = process.env.TICKLER_MAIL ?? `http://127.0.0.1:${Number(new URL(base).port) - 3000 + 8025}`;
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** The newest mail to somebody, once it is there. */
async function mailTo(address) {
  for (let left = 50; left > 0; left--) {
    const { messages } = await (await fetch(`${mail}/messages`)).json();
    const found = messages.filter((m) => m.to.some((to) => to.includes(address))).at(-1);
    if (found) return found;
    await new Promise((again) => setTimeout(again, 200));
  }
  throw new Error("no mail to " + address);
}

test("a forgotten password is replaced by a link in a mail", async () => {
  const page = await open(browser);
  const person = await signUp(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.getByText("a link is on its way").waitFor();

  const { text } = await mailTo(person.email);
  const link = /https?:\/\/\S+reset-password\S+/.exec(text)?.[0];
  assert.ok(link, text);
  const { pathname, search } = new URL(link);
  await page.goto(pathname + search);
  await page.getByLabel("New password").fill("another horse battery");
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByText("The password is set.").waitFor();
  await signIn(page, person, "another horse battery");
  await page.waitForURL(/\/tasks/);
  await clean(page);
});

test("signing out elsewhere ends the other browser's session and its feed", async () => {
  const here = await open(browser);
  const person = await signUp(here);
  const there = await open(browser);
  there.provoked = true; // it is told that it is nobody any more
  await signIn(there, person);
  await there.waitForURL(/\/tasks/);
  await live(there);

  await here.goto("/settings");
  await here.getByRole("button", { name: "Sign out everywhere else" }).click();
  await there.waitForURL(/\/signin/);
  await here.getByText("this device").waitFor();
  await clean(here);
  await clean(there);
});

test("the name and the zone are kept", async () => {
  const page = await open(browser);
  await signUp(page);
  await page.goto("/settings");
  await page.getByLabel("Name", { exact: true }).fill("Ana María");
  await page.getByRole("button", { name: "Save" }).first().click();
  await page.getByText("Saved").first().waitFor();
  await page.getByLabel("Time zone").selectOption("Pacific/Auckland");
  await page.waitForFunction(() => document.body.innerText.split("Saved").length > 2);
  await page.reload();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Ana María");
  assert.equal(await page.getByLabel("Time zone").inputValue(), "Pacific/Auckland");
  await clean(page);
});

test("a token is shown once, works, and is revoked", async () => {
  const page = await open(browser);
  await signUp(page);
  await page.goto("/settings/data");
  await page.getByLabel("What it is for").fill("My script");
  await page.getByRole("button", { name: "Make a token" }).click();
  const token = await page.locator("code", { hasText: "tkl_" }).innerText();
  const user = await page.evaluate(async () => (await (await fetch("/api/auth/get-session")).json()).user.id);
  const ask = () => fetch(`${base}/api/${user}/tasks`, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal((await ask()).status, 200);
  await page.reload();
  await page.getByText("My script").waitFor();
  assert.equal(await page.locator("code", { hasText: "tkl_" }).count(), 0, "never again");
  await page.getByRole("button", { name: "Revoke My script" }).click();
  await page.getByText("My script").waitFor({ state: "detached" });
  await clean(page);
});

test("who leaves is gone: the session, the account, what was in the browser", async () => {
  const page = await open(browser);
  page.provoked = true; // by wrong passwords
  const person = await signUp(page);
  await add(page, "Mine");
  await sent(page);
  await page.goto("/settings");
  await page.getByRole("button", { name: "Delete my account" }).click();
  await page.getByLabel("Your password, to confirm").fill("wrong password");
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.getByRole("alert").getByText("not right").waitFor();
  await page.getByLabel("Your password, to confirm").fill(password);
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.getByRole("link", { name: "Create an account" }).waitFor();
  await signIn(page, person);
  await page.getByRole("alert").getByText("do not match").waitFor();
  assert.equal(await row(page, "Mine").count(), 0);
  await clean(page);
});
