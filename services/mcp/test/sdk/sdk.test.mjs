// The official client that most agents are built on today.
import assert from "node:assert/strict";
import { test } from "node:test";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Agent, call, day, enter, server } from "./story.mjs";

const kit = { Client, Transport: StreamableHTTPClientTransport, Unauthorized: UnauthorizedError };

test("an agent that knows only the address is let in by its person, and works", async () => {
  const agent = new Agent();
  const client = await enter(kit, agent);
  assert.equal(agent.asked[0].searchParams.get("resource"), server.href);
  assert.equal(agent.asked[0].searchParams.get("code_challenge_method"), "S256");
  await day(client);
  await client.close();
});

test("a token that is no good any more is renewed without asking the person", async () => {
  const agent = new Agent();
  await (await enter(kit, agent)).close();
  const before = agent.kept.tokens.refresh_token;
  agent.kept.tokens = { ...agent.kept.tokens, access_token: "no.longer.good" };
  const client = new Client({ name: "desk", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(server, { authProvider: agent }));
  assert.equal((await call(client, "get_stats")).status, "success");
  assert.equal(agent.asked.length, 1);
  assert.notEqual(agent.kept.tokens.refresh_token, before);
  await client.close();
});

test("an agent that the person turns away is told so", async () => {
  const agent = new Agent();
  const transport = new StreamableHTTPClientTransport(server, { authProvider: agent });
  await assert.rejects(new Client({ name: "desk", version: "1" }).connect(transport), UnauthorizedError);
  await assert.rejects(transport.finishAuth("not-a-code"));
  assert.equal(agent.kept.tokens, undefined);
});
