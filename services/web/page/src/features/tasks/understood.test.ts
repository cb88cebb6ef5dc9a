import { expect, test } from "vitest";
import type { Parsed, Span } from "~/lib/api";
import { pieces, without } from "./understood";

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

test("what is not wanted stays in the title, and what hangs on it goes", () => {
  const part = (text: string, field: Span["field"], value: string): Span => {
    const start = line.indexOf(text);
    return { start, end: start + text.length, text, field, value };
  };
  const line = "pay rent every last workday 9am !high #home remind 1h before";
  const rule = { rrule: "FREQ=MONTHLY", anchor: "due_date", text: "every month" } as Parsed["task"]["recurrence_rule"];
  const spans = [
    part("every last workday", "recurrence_rule", ""),
    part("9am", "due_date", ""),
    part("!high", "priority", "high"),
    part("#home", "tags", "home"),
    part("remind 1h before", "reminders", ""),
  ];
  const task: Parsed["task"] = {
    title: "pay rent",
    description: "",
    priority: "high",
    tags: ["home"],
    due_date: "2026-11-30T09:00:00+01:00",
    time_zone: null,
    recurrence_rule: rule,
    reminders: [{ minutes_before: 60 }],
  };
  const left = (...fields: Span["field"][]) =>
    without(
      line,
      { task, spans },
      spans.filter((s) => fields.includes(s.field)),
    );
  expect(left("due_date")).toMatchObject({ title: "pay rent 9am", due_date: "2026-11-30", recurrence_rule: rule, tags: ["home"] });
  expect(left("due_date", "recurrence_rule")).toMatchObject({
    title: "pay rent every last workday 9am",
    due_date: null,
    recurrence_rule: null,
    reminders: [],
  });
  expect(left("tags", "priority")).toMatchObject({ title: "pay rent !high #home", tags: [], priority: "normal" });
});
