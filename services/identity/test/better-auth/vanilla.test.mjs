// The unmodified vanilla client of better-auth, with its JWT plugin, against the real binary.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuthClient } from "better-auth/client";
import { inferAdditionalFields, jwtClient } from "better-auth/client/plugins";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { base, browser, letter, ok, refused, someone } from "./browser.mjs";

function client(origin) {
  const b = browser(origin);
  const auth = createAuthClient({
    baseURL: base,
    plugins: [jwtClient(), inferAdditionalFields({ user: { timeZone: { type: "string", required: false } } })],
    fetchOptions: { customFetchImpl: b.fetch },
  });
  return { auth, ...b };
}

const keys = createRemoteJWKSet(new URL(base + "/api/auth/jwks"));
const claims = async (token) =>
  (await jwtVerify(token, keys, { issuer: base, audience: base, algorithms: ["EdDSA"], typ: "at+jwt" })).payload;

test("who signs up is signed in, and has a token that jose verifies", async () => {
  const { auth, jar } = client();
  const wish = { ...someone(), timeZone: "Europe/Berlin" };
  const up = await ok(auth.signUp.email(wish));
  assert.equal(up.user.email, wish.email.toLowerCase());
  assert.match(up.user.id, /^[A-Za-z0-9]{32}$/);
  assert.match(up.token, /^[A-Za-z0-9]{32}$/);
  assert.deepEqual([up.user.name, up.user.timeZone, up.user.image, up.user.emailVerified], ["Ada", "Europe/Berlin", null, false]);
  assert.ok(jar.has("better-auth.session_token"));

  const session = await ok(auth.getSession());
  assert.deepEqual(session.user, up.user);
  assert.ok(session.session.expiresAt instanceof Date, "dates come alive");
  assert.equal(session.session.token, up.token);

  const { token } = await ok(auth.token());
  const said = await claims(token);
  assert.equal(said.sub, up.user.id);
  assert.deepEqual(
    [said.id, said.user_id, said.time_zone, said.email, said.name, said.sid, said.exp - said.iat, said.aud],
    [up.user.id, up.user.id, "Europe/Berlin", up.user.email, "Ada", session.session.id, 900, base],
  );
  const { keys: shown } = await ok(auth.jwks());
  assert.deepEqual(Object.keys(shown[0]).sort(), ["alg", "crv", "kid", "kty", "x"]);
  assert.equal(decodeProtectedHeader(token).kid, shown[0].kid);
});

test("the token also comes with the session", async () => {
  const { auth } = client();
  await ok(auth.signUp.email(someone()));
  let header;
  await ok(auth.getSession({ fetchOptions: { onSuccess: (c) => { header = c.response.headers.get("set-auth-jwt"); } } }));
  assert.equal((await claims(header)).name, "Ada");
});

test("signing in and out", async () => {
  const wish = someone();
  await ok(client().auth.signUp.email(wish));
  const { auth, jar } = client();
  assert.equal(await ok(auth.getSession()), null);
  await refused(auth.signIn.email({ email: wish.email, password: "not this one" }), 401, "INVALID_EMAIL_OR_PASSWORD");
  await refused(auth.signIn.email({ email: "nobody@example.com", password: "not this one" }), 401, "INVALID_EMAIL_OR_PASSWORD");
  const back = await ok(auth.signIn.email({ email: wish.email.toUpperCase(), password: wish.password, callbackURL: "/tasks" }));
  assert.deepEqual([back.redirect, back.url], [true, "/tasks"]);
  assert.deepEqual(await ok(auth.signOut()), { success: true });
  assert.equal(jar.size, 0);
  assert.equal(await ok(auth.getSession()), null);
  await refused(auth.token(), 401, "UNAUTHORIZED");
});

test("not remembered, the cookie ends with the browser and the session with the day", async () => {
  const { auth, jar } = client();
  const wish = someone();
  await ok(auth.signUp.email({ ...wish, rememberMe: false }));
  assert.ok(jar.has("better-auth.dont_remember"));
  const { session } = await ok(auth.getSession());
  assert.ok(session.expiresAt - Date.now() <= 24 * 3600 * 1000);
});

test("what cannot be a person is refused", async () => {
  const { auth } = client();
  const wish = someone();
  await refused(auth.signUp.email({ ...wish, password: "short" }), 400, "PASSWORD_TOO_SHORT");
  await refused(auth.signUp.email({ ...wish, password: "x".repeat(129) }), 400, "PASSWORD_TOO_LONG");
  await refused(auth.signUp.email({ ...wish, password: "Password123" }), 400, "PASSWORD_COMPROMISED");
  await refused(auth.signUp.email({ ...wish, email: "nowhere" }), 400, "VALIDATION_ERROR");
  await refused(auth.signUp.email({ ...wish, timeZone: "Mars/Olympus" }), 400, "VALIDATION_ERROR");
  await ok(auth.signUp.email(wish));
  await refused(client().auth.signUp.email(wish), 422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL");
});

test("another site cannot sign anybody in, nor lead anybody away", async () => {
  const wish = someone();
  await ok(client().auth.signUp.email(wish));
  const away = client("https://evil.example");
  await refused(away.auth.signIn.email({ email: wish.email, password: wish.password }), 403, "INVALID_ORIGIN");
  const { auth } = client();
  await refused(auth.signIn.email({ email: wish.email, password: wish.password, callbackURL: "https://evil.example/" }), 403, "INVALID_CALLBACK_URL");
  await refused(auth.requestPasswordReset({ email: wish.email, redirectTo: "//evil.example" }), 403, "INVALID_REDIRECT_URL");
});

test("sessions are listed by handles and ended one by one", async () => {
  const wish = someone();
  const one = client(), two = client(), three = client();
  await ok(one.auth.signUp.email(wish));
  await ok(two.auth.signIn.email({ email: wish.email, password: wish.password }));
  await ok(three.auth.signIn.email({ email: wish.email, password: wish.password }));
  const mine = (await ok(one.auth.getSession())).session;
  const secret = (await ok(two.auth.getSession())).session;
  const listed = await ok(one.auth.listSessions());
  assert.equal(listed.length, 3);
  assert.equal(listed.find((s) => s.id === mine.id).token, mine.token);
  const other = listed.find((s) => s.id === secret.id);
  assert.notEqual(other.token, secret.token, "the token of another browser is not shown");
  await refused(client().auth.token({ fetchOptions: { headers: { authorization: "Bearer " + other.token } } }), 401, "UNAUTHORIZED");

  assert.deepEqual(await ok(one.auth.revokeSession({ token: "unknown" })), { status: true });
  assert.deepEqual(await ok(one.auth.revokeSession({ token: other.token })), { status: true });
  assert.equal(await ok(two.auth.getSession()), null);
  await ok(one.auth.revokeOtherSessions());
  assert.equal(await ok(three.auth.getSession()), null);
  assert.ok(await ok(one.auth.getSession()));
  await ok(one.auth.revokeSessions());
  assert.equal(one.jar.size, 0);
});

test("one changes what is one's own", async () => {
  const { auth, fetch: look } = client();
  await ok(auth.signUp.email(someone()));
  assert.deepEqual(await ok(auth.updateUser({ name: "Ada L", image: "https://example.com/a.png", timeZone: "Asia/Tokyo" })), { status: true });
  const { user } = await ok(auth.getSession());
  assert.deepEqual([user.name, user.image, user.timeZone], ["Ada L", "https://example.com/a.png", "Asia/Tokyo"]);
  assert.equal((await claims((await ok(auth.token())).token)).time_zone, "Asia/Tokyo");
  await ok(auth.updateUser({ image: null }));
  assert.equal((await ok(auth.getSession())).user.image, null);
  const nothing = await look(base + "/api/auth/update-user", { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
  assert.deepEqual([nothing.status, await nothing.json()], [400, { message: "No fields to update" }]);
  await refused(auth.updateUser({}), 404, undefined); // the client asks with GET where there is nothing to send
  await refused(auth.updateUser({ email: "other@example.com" }), 400, "EMAIL_CAN_NOT_BE_UPDATED");
});

test("a new password ends the other sessions", async () => {
  const wish = someone();
  const one = client(), two = client();
  await ok(one.auth.signUp.email(wish));
  await ok(two.auth.signIn.email({ email: wish.email, password: wish.password }));
  await refused(one.auth.changePassword({ currentPassword: "not this one", newPassword: "another long one" }), 400, "INVALID_PASSWORD");
  const kept = await ok(one.auth.changePassword({ currentPassword: wish.password, newPassword: "another long one" }));
  assert.equal(kept.token, null);
  const changed = await ok(one.auth.changePassword({ currentPassword: "another long one", newPassword: "a third long one", revokeOtherSessions: true }));
  assert.match(changed.token, /^[A-Za-z0-9]{32}$/);
  assert.equal((await ok(one.auth.getSession())).session.token, changed.token);
  assert.equal(await ok(two.auth.getSession()), null);
});

test("a forgotten password is replaced by letter, once", async () => {
  const wish = someone();
  const { auth, fetch: look } = client();
  await ok(auth.signUp.email(wish));
  const asked = await ok(auth.requestPasswordReset({ email: wish.email, redirectTo: "/reset?from=mail" }));
  assert.deepEqual(asked, await ok(client().auth.requestPasswordReset({ email: "nobody@example.com", redirectTo: "/reset" })));
  const link = await letter(wish.email.toLowerCase(), "Choose a new password");
  const way = await look(link);
  assert.equal(way.status, 302);
  const to = new URL(way.headers.get("location"));
  assert.deepEqual([to.origin, to.pathname, to.searchParams.get("from")], [base, "/reset", "mail"]);
  const token = to.searchParams.get("token");
  assert.match(token, /^[A-Za-z0-9]{24}$/);
  await refused(auth.resetPassword({ newPassword: "short", token }), 400, "PASSWORD_TOO_SHORT");
  assert.deepEqual(await ok(auth.resetPassword({ newPassword: "a much better one", token })), { status: true });
  await refused(auth.resetPassword({ newPassword: "a much better one", token }), 400, "INVALID_TOKEN");
  assert.match((await look(link)).headers.get("location"), /error=INVALID_TOKEN$/);
  assert.equal(await ok(auth.getSession()), null);
  await ok(auth.signIn.email({ email: wish.email, password: "a much better one" }));
});

test("an address is verified by letter, and so is a new one", async () => {
  const wish = someone();
  const { auth, fetch: look } = client();
  await ok(auth.signUp.email(wish));
  await refused(auth.sendVerificationEmail({ email: "other@example.com" }), 400, "EMAIL_MISMATCH");
  assert.deepEqual(await ok(auth.sendVerificationEmail({ email: wish.email, callbackURL: "/settings" })), { status: true });
  const way = await look(await letter(wish.email.toLowerCase(), "Confirm your e-mail address"));
  assert.deepEqual([way.status, way.headers.get("location")], [302, "/settings"]);
  assert.equal((await ok(auth.getSession())).user.emailVerified, true);
  await refused(auth.sendVerificationEmail({ email: wish.email }), 400, "EMAIL_ALREADY_VERIFIED");
  await refused(auth.verifyEmail({ query: { token: "nonsense" } }), 401, "INVALID_TOKEN");

  const next = "new." + wish.email.toLowerCase();
  assert.deepEqual(await ok(auth.changeEmail({ newEmail: next })), { status: true });
  assert.equal((await look(await letter(next, "Confirm your e-mail address"))).status, 302);
  assert.equal((await ok(auth.getSession())).user.email, next);
  await letter(wish.email.toLowerCase(), "Your e-mail address was changed");
});

test("who deletes themselves is gone", async () => {
  const wish = someone();
  const { auth, jar } = client();
  await ok(auth.signUp.email(wish));
  assert.equal((await ok(auth.listAccounts()))[0].providerId, "credential");
  await refused(auth.deleteUser({ password: "not this one" }), 400, "INVALID_PASSWORD");
  assert.deepEqual(await ok(auth.deleteUser({ password: wish.password })), { success: true, message: "User deleted" });
  assert.equal(jar.size, 0);
  await refused(auth.signIn.email({ email: wish.email, password: wish.password }), 401, "INVALID_EMAIL_OR_PASSWORD");
  await ok(auth.signUp.email(wish));
});
