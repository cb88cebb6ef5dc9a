import { expect, test } from "vitest";
import { sample } from "~/features/tasks/sample";
import { overdueByDay } from "./overdue";

const now = new Date("2026-11-27T12:00:00Z");
const early = "2026-11-01T08:00:00Z";
const counts = (...tasks: ReturnType<typeof sample>[]) => overdueByDay(tasks, now, "UTC", 5).map((d) => d.count);
const due = (at: string, part: object = {}) => sample({ due_date: at, due_at: at, created_at: early, ...part });

test("a task is late from when it was due until it is done", () => {
  expect(counts(due("2026-11-24T10:00:00Z"))).toEqual([0, 1, 1, 1, 1]);
  expect(counts(due("2026-11-24T10:00:00Z", { completed: true, completed_at: "2026-11-26T09:00:00Z" }))).toEqual([0, 1, 1, 0, 0]);
  expect(counts(due("2026-11-20T10:00:00Z", { deleted_at: "2026-11-24T09:00:00Z" }))).toEqual([1, 0, 0, 0, 0]);
});

test("what was done in time, is due later today, or was written down late was not late before", () => {
  expect(counts(due("2026-11-24T10:00:00Z", { completed: true, completed_at: "2026-11-24T09:00:00Z" }))).toEqual([0, 0, 0, 0, 0]);
  expect(counts(due("2026-11-27T18:00:00Z"))).toEqual([0, 0, 0, 0, 0]);
  expect(counts(due("2026-11-20T10:00:00Z", { created_at: "2026-11-25T08:00:00Z" }))).toEqual([0, 0, 1, 1, 1]);
});
