// What a browser does around better-auth's client and Node does not: cookies, and an Origin.
import assert from "node:assert/strict";

export const base = process.env.IDENTITY_URL;
const mails = process.env.MAILS_URL;

// browser returns a fetch with a cookie jar of its own, as one browser profile has.
export function browser(origin = base) {
  const jar = new Map();
  const fetchLike = async (input, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set("origin", origin);
    if (jar.size > 0) headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    const answer = await fetch(input, { redirect: "manual", ...init, headers });
    for (const line of answer.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split("; ");
      const at = pair.indexOf("=");
      assert.ok(attributes.includes("HttpOnly") && attributes.includes("SameSite=Lax") && attributes.includes("Path=/"), line);
      if (attributes.includes("Max-Age=0")) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  };
  return { fetch: fetchLike, jar };
}

// ok returns the data of a call that must succeed.
export async function ok(call) {
  const { data, error } = await call;
  assert.equal(error, null, JSON.stringify(error));
  return data;
}

// refused checks that a call failed with a status and code.
export async function refused(call, status, code) {
  const { data, error } = await call;
  assert.equal(data, null, "should have been refused");
  assert.deepEqual([error.status, error.code], [status, code], JSON.stringify(error));
}

// letter waits for the newest letter to an address and returns its link.
export async function letter(to, subject) {
  for (let tries = 0; tries < 200; tries++) {
    const { messages } = await (await fetch(mails)).json();
    const found = messages.filter((m) => m.to.includes(to) && m.subject === subject).at(-1);
    if (found) return found.text.match(/https?:\/\/\S+/)[0];
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no letter "${subject}" to ${to}`);
}

let people = 0;
// someone is a new person's wishes.
export function someone(name = "Ada") {
  return { name, email: `${name}.${++people}.${Date.now()}@Example.com`, password: "rather a long one" };
}
