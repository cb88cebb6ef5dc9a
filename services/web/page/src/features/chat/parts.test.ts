import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { text } from "~/text/en";

test("every tool that an agent may use is told in words", () => {
  const written = readFileSync("../../mcp/internal/mcp/tools.yaml", "utf8");
  const section = written.slice(written.indexOf("\ntools:\n"), written.indexOf("\ndata:\n"));
  const tools = [...section.matchAll(/^ {2}([a-z_]+):$/gm)].map((m) => m[1]);
  expect(tools).toContain("add_task");
  expect(Object.keys(text.chat.tools).toSorted()).toEqual(tools.toSorted());
});
