// The official client of the next generation.
import { test } from "node:test";
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { Agent, day, enter } from "./story.mjs";

test("an agent on the newer client is let in by its person, and works", async () => {
  const client = await enter({ Client, Transport: StreamableHTTPClientTransport, Unauthorized: UnauthorizedError }, new Agent());
  await day(client);
  await client.close();
});
