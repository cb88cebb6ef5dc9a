// What a person's agent goes through, with whichever client it is built on: it knows the address
// of the server and nothing else, and has the person let it in.
import assert from "node:assert/strict";

const origin = process.env.PUBLIC_URL;
const cookie = process.env.COOKIE;
export const server = new URL("/mcp", origin);

// Agent is what a client wants to have kept for it, and a person at their browser.
export class Agent {
  redirectUrl = "http://127.0.0.1:4711/callback";
  clientMetadata = {
    client_name: "Desk agent",
    redirect_uris: [this.redirectUrl],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
  kept = {};
  asked = [];

  constructor(scope) {
    if (scope) this.clientMetadata.scope = scope;
  }
  state() {
    return (this.kept.state = crypto.randomUUID());
  }
  clientInformation() {
    return this.kept.client;
  }
  saveClientInformation(client) {
    this.kept.client = client;
  }
  tokens() {
    return this.kept.tokens;
  }
  saveTokens(tokens) {
    this.kept.tokens = tokens;
  }
  saveCodeVerifier(verifier) {
    this.kept.verifier = verifier;
  }
  codeVerifier() {
    return this.kept.verifier;
  }
  invalidateCredentials(what) {
    if (what === "tokens" || what === "all") delete this.kept.tokens;
    if (what === "client" || what === "all") delete this.kept.client;
  }
  redirectToAuthorization(url) {
    this.asked.push(url);
  }

  // allow is the person: they are shown the page, read it, and press the button.
  async allow() {
    const page = await fetch(this.asked.at(-1), { headers: { cookie }, redirect: "manual" });
    const html = await page.text();
    assert.equal(page.status, 200, html);
    assert.match(html, /Desk agent/);
    const unescape = (text) => text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code)).replaceAll("&amp;", "&");
    const form = new URLSearchParams({ answer: "allow" });
    for (const [, name, value] of html.matchAll(/name="(request|proof)" value="([^"]*)"/g)) form.set(name, unescape(value));
    const back = await fetch(new URL("/oauth/authorize", origin), {
      method: "POST",
      headers: { cookie, origin, "content-type": "application/x-www-form-urlencoded" },
      body: form,
      redirect: "manual",
    });
    assert.equal(back.status, 302, await back.text());
    const to = new URL(back.headers.get("location"));
    assert.equal(to.searchParams.get("state"), this.kept.state);
    return to.searchParams;
  }
}

// enter connects a client: refused at first, let in by the person, then connected.
export async function enter({ Client, Transport, Unauthorized }, agent) {
  const first = new Transport(server, { authProvider: agent });
  const client = () => new Client({ name: "desk", version: "1" });
  await assert.rejects(client().connect(first), Unauthorized);
  const answer = await agent.allow();
  await first.finishAuth(answer.get("code"), answer.get("iss"));
  const connected = client();
  await connected.connect(new Transport(server, { authProvider: agent }));
  return connected;
}

// call uses a tool and returns its structured content, which the client has held against the
// tool's schema.
export async function call(client, name, args = {}) {
  const { structuredContent, isError, content } = await client.callTool({ name, arguments: args });
  assert.equal(isError === true, structuredContent.status === "error");
  assert.equal(content[0].type, "text");
  return structuredContent;
}

// trail waits for an event on the trail and returns its entry.
export async function trail(client, type, task_id) {
  for (let tries = 0; tries < 400; tries++) {
    const { data } = await call(client, "get_history", { task_id });
    const found = data.audit_logs.find((entry) => entry.event_type === type);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${type} is not on the trail`);
}

// day is what an agent does once it is in.
export async function day(client) {
  const { tools } = await client.listTools();
  assert.ok(tools.length >= 16);
  const added = await call(client, "add_task", { title: "Pay rent", due_date: "2030-12-31", reminders: ["1 hour before"] });
  assert.equal(added.data.title, "Pay rent");
  const again = await call(client, "add_task", { title: " pay RENT", due_date: "2030-12-31", reminders: ["1 hour before"] });
  assert.deepEqual([again.idempotent, again.data.id], [true, added.data.id]);
  const other = await call(client, "add_task", { title: "Buy milk" });
  const both = { task_ids: [added.data.id, other.data.id] };
  const asked = await call(client, "complete_task", both);
  assert.equal(asked.status, "confirm");
  const done = await call(client, "complete_task", { ...both, confirmation: asked.confirmation });
  assert.deepEqual(done.data.tasks.map((task) => task.completed), [true, true]);
  const wrong = await call(client, "update_task", { task_id: added.data.id, priority: "urgent" });
  assert.deepEqual([wrong.status, wrong.error.field], ["error", "/priority"]);
  const listed = await call(client, "list_tasks", { status: "completed", sort: "title" });
  assert.equal(listed.data.tasks.length, 2);
  const { resources } = await client.listResources();
  assert.deepEqual(resources.map((resource) => resource.uri).sort(), ["task://overdue", "task://today"]);
  const { contents } = await client.readResource({ uri: `task://${added.data.id}` });
  assert.equal(JSON.parse(contents[0].text).title, "Pay rent");
  const { prompts } = await client.listPrompts();
  assert.deepEqual(prompts.map((prompt) => prompt.name).sort(), ["plan_my_day", "weekly_review"]);
  const entry = await trail(client, "task.completed", added.data.id);
  assert.deepEqual([entry.actor, entry.source], [{ type: "agent", name: "Desk agent" }, "mcp"]);
  for (const { id } of [added.data, other.data]) await call(client, "delete_task", { task_id: id });
}
