import { expect, test } from "vitest";
import { blocks } from "./prose";

test("lists and paragraphs are told apart", () => {
  expect(blocks("You have 2 tasks:\n1. Pay rent\n2. Call Ana\n\nAnything else?")).toEqual([
    { kind: "p", lines: ["You have 2 tasks:"] },
    { kind: "ol", lines: ["Pay rent", "Call Ana"], start: 1 },
    { kind: "p", lines: ["Anything else?"] },
  ]);
});

test("a year at the start of a sentence is no list", () => {
  expect(blocks("2026 was fine")).toEqual([{ kind: "p", lines: ["2026 was fine"] }]);
});
