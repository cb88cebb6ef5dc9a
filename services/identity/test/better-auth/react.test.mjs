// The unmodified React client of better-auth in a DOM of its own, against the real binary.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Window } from "happy-dom";
import { base, browser, ok, someone } from "./browser.mjs";

const window = new Window({ url: base + "/signin" });
for (const name of ["window", "document", "navigator", "HTMLElement", "HTMLIFrameElement", "Node", "localStorage"]) {
  Object.defineProperty(globalThis, name, { value: name === "window" ? window : window[name], configurable: true, writable: true });
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const { act, createElement } = await import("react");
const { createRoot } = await import("react-dom/client");
const { createAuthClient } = await import("better-auth/react");
const { jwtClient } = await import("better-auth/client/plugins");

test("useSession follows signing up, a new name and signing out", async () => {
  const auth = createAuthClient({ baseURL: base, plugins: [jwtClient()], fetchOptions: { customFetchImpl: browser().fetch } });
  const root = createRoot(window.document.body);
  const Page = () => {
    const { data, isPending, error } = auth.useSession();
    return createElement("p", null, isPending ? "…" : error ? "error" : data ? data.user.name : "nobody");
  };
  const says = async (what) => {
    for (let tries = 0; tries < 200; tries++) {
      await act(() => new Promise((resolve) => setTimeout(resolve, 20)));
      if (window.document.body.textContent === what) return;
    }
    assert.equal(window.document.body.textContent, what);
  };
  await act(() => root.render(createElement(Page)));
  await says("nobody");
  await ok(auth.signUp.email({ ...someone("Grace") }));
  await says("Grace");
  await ok(auth.updateUser({ name: "Grace H" }));
  await says("Grace H");
  assert.ok((await ok(auth.token())).token);
  await ok(auth.signOut());
  await says("nobody");
  await act(() => root.unmount());
  await window.happyDOM.close();
});
