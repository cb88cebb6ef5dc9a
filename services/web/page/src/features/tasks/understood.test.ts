import { expect, test } from "vitest";
import type { Span } from "~/lib/api";
import { pieces } from "./understood";

const span = (start: number, end: number, text: string): Span => ({
  start,
  end,
  text,
  field: "due_date",
  value: "2026-11-24T15:00:00+01:00",
});

test("a line is cut at what was understood", () => {
  expect(pieces("call Ana tomorrow 3pm", [span(9, 21, "tomorrow 3pm")]).map((p) => [p.text, p.span !== null])).toEqual([
    ["call Ana ", false],
    ["tomorrow 3pm", true],
  ]);
});

test("offsets count code points, not halves of them", () => {
  expect(pieces("🎂 cake #home", [span(7, 12, "#home")]).map((p) => p.text)).toEqual(["🎂 cake ", "#home"]);
});

test("spans that do not fit the line are left out", () => {
  expect(pieces("short", [span(2, 99, "x"), span(0, 2, "sh"), span(1, 3, "ho")]).map((p) => p.text)).toEqual(["sh", "ort"]);
});
