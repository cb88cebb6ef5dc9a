import { describe, expect, test } from "vitest";
import type { Task } from "~/lib/api";
import { parseFilter, viewName, type Filter } from "./filter";
import { select } from "./lister";
import { sample } from "./sample";

const now = { at: Date.parse("2026-11-23T08:30:00Z"), zone: "Europe/Berlin" };
const due = (day: string, part: Partial<Task> = {}) => sample({ due_date: day, due_at: `${day}T22:59:59Z`, ...part });
const titles = (tasks: Task[], filter: Filter) => select(tasks, filter, now).map((g) => [g.key, g.tasks.map((t) => t.title)]);

describe("lists", () => {
  test("the inbox holds what is open, soonest first, without a date last, and what was done today below", () => {
    const tasks = [
      sample({ title: "some day" }),
      due("2026-11-30", { title: "in a week" }),
      due("2026-11-20", { title: "late" }),
      sample({ title: "done now", completed: true, completed_at: "2026-11-23T07:00:00Z" }),
      sample({ title: "done long ago", completed: true, completed_at: "2026-11-02T07:00:00Z" }),
      sample({ title: "in the trash", deleted_at: "2026-11-23T07:00:00Z" }),
    ];
    expect(titles(tasks, {})).toEqual([
      ["overdue", ["late"]],
      ["week", ["in a week"]],
      ["none", ["some day"]],
      ["done", ["done now"]],
    ]);
  });

  test("today holds what is late and what is due today", () => {
    const tasks = [due("2026-11-20", { title: "late" }), due("2026-11-23", { title: "today" }), due("2026-11-24", { title: "not yet" })];
    expect(titles(tasks, { due: "today" })).toEqual([
      ["overdue", ["late"]],
      ["today", ["today"]],
    ]);
  });

  test("the trash holds nothing else", () => {
    const tasks = [sample({ title: "here" }), sample({ title: "gone", deleted_at: "2026-11-23T07:00:00Z" })];
    expect(titles(tasks, { status: "deleted" })).toEqual([["all", ["gone"]]]);
  });

  test("search takes every word, without case or accents, in title, notes and tags", () => {
    const tasks = [
      sample({ title: "Café in Zürich", tags: ["Trip"] }),
      sample({ title: "Cafe" }),
      sample({ title: "x", description: "zurich trip" }),
    ];
    expect(titles(tasks, { q: "zurich TRIP" })).toEqual([["all", ["Café in Zürich", "x"]]]);
  });

  test("what is done stands under the day on which it was, the last first", () => {
    const done = (at: string, title: string) => sample({ title, completed: true, completed_at: at });
    const tasks = [
      done("2026-11-23T07:00:00Z", "early today"),
      done("2025-11-21T07:00:00Z", "a year ago"),
      done("2026-11-22T23:30:00Z", "after midnight here"),
      done("2026-11-22T20:00:00Z", "yesterday"),
      done("2026-11-23T08:00:00Z", "just now"),
    ];
    expect(titles(tasks, { status: "completed" })).toEqual([
      ["done-2026-11-23", ["just now", "early today", "after midnight here"]],
      ["done-2026-11-22", ["yesterday"]],
      ["done-2025-11-21", ["a year ago"]],
    ]);
    expect(titles(tasks, { status: "completed", sort: "title" })[0]?.[0]).toBe("all");
  });

  test("priority sorts by rank, highest first", () => {
    const tasks = (["low", "critical", "normal", "high"] as const).map((priority) => sample({ title: priority, priority }));
    expect(titles(tasks, { sort: "priority" })).toEqual([["all", ["critical", "high", "normal", "low"]]]);
  });

  test("tasks without a date stand last in either order", () => {
    const tasks = [sample({ title: "none" }), due("2026-12-01", { title: "a" }), due("2026-12-09", { title: "b" })];
    expect(titles(tasks, { sort: "due", order: "desc" })).toEqual([["all", ["b", "a", "none"]]]);
  });

  test("a row that just changed is placed by what it was", () => {
    const was = sample({ title: "tick me" });
    const ticked = { ...was, completed: true, completed_at: "2026-11-23T08:00:00Z" };
    expect(select([ticked], { status: "pending" }, now, { placed: () => was, name: (id) => id })[0]?.tasks).toEqual([ticked]);
    expect(select([ticked], { status: "pending" }, now)).toEqual([]);
  });
});

test("a task made here keeps its place when the service gives it an id that sorts elsewhere", () => {
  const [first, second] = [sample({ id: "9", title: "first" }), sample({ id: "5", title: "second" })];
  const names: Record<string, string> = { "9": "1" };
  const groups = select([first, second], {}, now, { placed: (t) => t, name: (id) => names[id] ?? id });
  expect(groups[0]?.tasks.map((t) => t.title)).toEqual(["first", "second"]);
});

test("an address says which list it is, and what is not understood is left out", () => {
  expect(parseFilter({ status: "deleted", due: "someday", tag: "home", priority: ["high", "huge"], q: 7 })).toEqual({
    status: "deleted",
    tag: ["home"],
    priority: ["high"],
  });
  expect(viewName(parseFilter({ due: "week" }))).toBe("upcoming");
});
