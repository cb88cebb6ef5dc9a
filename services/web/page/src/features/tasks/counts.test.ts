import { expect, test } from "vitest";
import type { Task } from "~/lib/api";
import { Counter } from "./counts";
import { sample } from "./sample";

const now = { at: Date.parse("2026-11-23T08:30:00Z"), zone: "Europe/Berlin" };
const due = (day: string, part: Partial<Task> = {}) => sample({ due_date: day, due_at: `${day}T22:59:59Z`, ...part });
const byId = (tasks: Task[]) => new Map(tasks.map((t, i) => [String(i), { ...t, id: String(i) }] as const));

test("the sidebar counts what is open, a tag in whatever case as one, as it is written most", () => {
  const tasks = [due("2026-11-20"), due("2026-11-23", { tags: ["Home"] }), sample({ tags: ["home"] }), sample({ completed: true })];
  expect(new Counter().count(byId(tasks), now)).toEqual({ inbox: 3, today: 2, overdue: 1, tags: [{ tag: "Home", open: 2 }] });
  tasks.push(sample({ tags: ["home"] }));
  expect(new Counter().count(byId(tasks), now).tags).toEqual([{ tag: "home", open: 3 }]);
});

test("numbers that follow their tasks are those counted anew, and the same object while they are the same", () => {
  let state = 7;
  const roll = (sides: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
  const counter = new Counter();
  let tasks: ReadonlyMap<string, Task> = new Map();
  let before = counter.count(tasks, now);
  for (let step = 0; step < 300; step++) {
    const next = new Map(tasks);
    for (let n = roll(3); n > 0; n--) {
      const id = String(roll(12));
      if (roll(4) === 0) next.delete(id);
      else
        next.set(
          id,
          due(`2026-11-${15 + roll(15)}`, { id, completed: roll(4) === 0, tags: roll(2) ? [["a", "A", "b"][roll(3)] as string] : [] }),
        );
    }
    tasks = next;
    const counts = counter.count(tasks, now);
    const anew = new Counter().count(tasks, now);
    expect(counts).toEqual(anew);
    if (JSON.stringify(before) === JSON.stringify(counts) && before.tags === counts.tags) expect(counts).toBe(before);
    before = counts;
  }
});
