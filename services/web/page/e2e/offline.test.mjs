// Without a network: what is there can be read, what is done is kept, and both are made up for when it is back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { add, clean, launch, live, open, row, sent, signUp } from "./browser.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Waits until the worker keeps the page's files and the storage has what is shown. */
async function settled(page) {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller) await new Promise((again) => setTimeout(again, 50));
  });
  await page.evaluate(() => window.dispatchEvent(new Event("pagehide")));
}

test("without a network the tasks are read, and what is done is sent when it is back", async () => {
  const page = await open(browser);
  await signUp(page);
  await add(page, "Before the tunnel");
  await sent(page);
  await settled(page);

  page.provoked = true;
  await page.context().setOffline(true);
  await page.getByText("Offline.").first().waitFor();
  await add(page, "In the tunnel");
  await row(page, "Before the tunnel").getByRole("checkbox").check();
  await page.getByText("2 changes not sent yet").first().waitFor();

  await page.reload();
  await row(page, "In the tunnel").waitFor();
  assert.equal(await row(page, "Before the tunnel").getByRole("checkbox").isChecked(), true);
  await page.getByRole("link", { name: "Activity" }).click();
  await page.getByText("This needs a connection").waitFor();

  await page.context().setOffline(false);
  await live(page);
  await page.getByText("You added “In the tunnel”").waitFor(); // by itself
  await page.waitForFunction(() => !document.body.innerText.includes("not sent yet"));

  const elsewhere = await page.context().newPage();
  await elsewhere.goto("/activity");
  await elsewhere.getByText("You added “In the tunnel”").waitFor();
  await elsewhere.getByText("You completed “Before the tunnel”").waitFor();
  assert.equal(await elsewhere.getByText("You added “In the tunnel”").count(), 1, "sent once");
  await clean(page);
});

test("after signing out nothing of a person is left in the browser", async () => {
  const page = await open(browser);
  await signUp(page);
  await add(page, "A secret");
  await settled(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("link", { name: "Create an account" }).waitFor();
  const left = await page.evaluate(async () => {
    const db = await new Promise((done) => {
      const request = indexedDB.open("tickler");
      request.onsuccess = () => done(request.result);
    });
    const all = (store) =>
      new Promise((done) => {
        const request = db.transaction(store).objectStore(store).getAllKeys();
        request.onsuccess = () => done(request.result);
      });
    return [await all("tasks"), await all("commands"), localStorage.getItem("tickler.person")];
  });
  assert.deepEqual(left, [[], [], null]);
  await clean(page);
});
