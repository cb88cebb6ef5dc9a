import { expect, test } from "vitest";
import type { Task } from "~/lib/api";
import { Lister, select } from "./lister";
import { sample } from "./sample";

const now = { at: Date.parse("2026-11-23T08:30:00Z"), zone: "Europe/Berlin" };
const filter = {};
const name = (id: string) => id;

/** Numbers that look like chance and are the same in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

function drawn(id: string, roll: (sides: number) => number): Task {
  const day = `2026-11-${String(15 + roll(15))}`;
  const due = roll(3) > 0 ? { due_date: day, due_at: `${day}T22:59:59Z` } : {};
  return sample({
    id,
    title: `task ${roll(1000)}`,
    ...due,
    completed: roll(5) === 0,
    completed_at: "2026-11-23T07:00:00Z",
    deleted_at: roll(9) === 0 ? "2026-11-23T07:00:00Z" : null,
  });
}

test("a list that follows its tasks is the list made anew, whatever changes, comes, goes and is held", () => {
  for (let seed = 0; seed < 30; seed++) {
    const roll = dice(seed);
    const lister = new Lister();
    let tasks: ReadonlyMap<string, Task> = new Map();
    let held: ReadonlyMap<string, Task> = new Map();
    for (let step = 0; step < 30; step++) {
      const next = new Map(tasks);
      for (let n = roll(4); n > 0; n--) {
        const id = `t${roll(25)}`;
        if (roll(4) === 0) next.delete(id);
        else next.set(id, drawn(id, roll));
      }
      if (roll(3) === 0) held = new Map([...tasks].filter(() => roll(4) === 0));
      tasks = next;
      const placed = (task: Task) => held.get(task.id) ?? task;
      const anew = select(tasks.values(), filter, now, { placed, name });
      expect(lister.list(tasks, held, { filter, now, name }).groups).toEqual(anew);
    }
  }
});

test("another question, and more changes than are worth following, begin anew", () => {
  const lister = new Lister();
  const none = new Map<string, Task>();
  const all = new Map(Array.from({ length: 500 }, (_, i) => [`t${i}`, sample({ id: `t${i}`, title: `task ${i}` })] as const));
  expect(lister.list(none, none, { filter, now, name }).groups).toEqual([]);
  expect(lister.list(all, none, { filter, now, name }).groups).toEqual(select(all.values(), filter, now));
  const found = { q: "task 42" };
  expect(lister.list(all, none, { filter: found, now, name }).groups).toEqual(select(all.values(), found, now));
});
