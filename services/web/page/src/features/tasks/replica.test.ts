import { describe, expect, test } from "vitest";
import type { Command } from "./command";
import { confirm, empty, hear, isFrame, merge, queue, refuse, take, view, type Replica } from "./replica";
import { frame, sample } from "./sample";

const zone = "Europe/Berlin";
const at = "2026-11-24T09:00:00Z";
const holding = (cursor: string | null, ...tasks: ReturnType<typeof sample>[]): Replica => ({ ...merge(empty, tasks), cursor });
const complete = (taskId: string, id = "c1"): Command => ({ id, taskId, at, type: "complete" });

describe("merging by version", () => {
  test("a newer version replaces an older one", () => {
    const old = sample({ version: 1 });
    const told = { ...old, version: 2, title: "New" };
    expect(merge(holding("1", old), [told]).base.get(old.id)).toEqual(told);
  });

  test("an older answer that comes late changes nothing", () => {
    const known = sample({ version: 3 });
    const before = holding("9", known);
    expect(merge(before, [{ ...known, version: 2, title: "Late" }])).toBe(before);
  });

  test("a reminder's status comes without a new version", () => {
    const task = sample({ version: 3 });
    const told = { ...task, reminders: [{ id: "r", remind_at: at, status: "sent" as const, sent_at: at, channels: null }] };
    const heard = hear(holding("4", task), frame("5", told, { type: "reminder.sent" }));
    expect(heard.kind === "next" && heard.replica.base.get(task.id)?.reminders[0]?.status).toBe("sent");
  });
});

describe("the feed", () => {
  test("the next frame is taken and moves the cursor", () => {
    const task = sample({ version: 1 });
    const heard = hear(holding("4", task), frame("5", { ...task, version: 2, title: "New" }));
    expect(heard).toMatchObject({ kind: "next", own: false, known: false });
    expect(heard.kind === "next" && heard.replica.cursor).toBe("5");
  });

  test("a frame that was heard before is left out", () => {
    const task = sample();
    expect(hear(holding("5", task), frame("5", { ...task, version: 9 })).kind).toBe("old");
  });

  test("a gap is noticed and nothing is taken", () => {
    const task = sample();
    expect(hear(holding("5", task), frame("7", task)).kind).toBe("gap");
  });

  test("cursors compare as numbers, not as words", () => {
    const task = sample();
    expect(hear(holding("9", task), frame("10", { ...task, version: 2 })).kind).toBe("next");
    expect(hear(holding("10", task), frame("9", { ...task, version: 2 })).kind).toBe("old");
  });

  test("the echo of what was done here confirms it and is known as one's own", () => {
    const task = sample({ version: 1 });
    const doing = queue(holding("4", task), complete(task.id));
    const told = { ...task, version: 2, completed: true, completed_at: at };
    const heard = hear(doing, frame("5", told, { type: "task.completed", request_id: "c1" }));
    expect(heard).toMatchObject({ kind: "next", own: true });
    expect(heard.kind === "next" && heard.replica.pending).toEqual([]);
  });

  test("the echo after the answer is known already", () => {
    const told = sample({ version: 2 });
    expect(hear(holding("4", told), frame("5", told))).toMatchObject({ kind: "next", own: false, known: true });
  });
});

describe("what is done here", () => {
  test("shows at once and stays through a change of somebody else", () => {
    const task = sample({ version: 1 });
    const doing = queue(holding("4", task), complete(task.id));
    const heard = hear(doing, frame("5", { ...task, version: 2, title: "Renamed" }));
    expect(heard.kind === "next" && view(heard.replica, zone).get(task.id)).toMatchObject({ title: "Renamed", completed: true });
  });

  test("a task made here takes the service's id, and what was done to it since follows", () => {
    const add: Command = { id: "a1", taskId: "mine", at, type: "add", task: { title: "New" } };
    const doing = queue(queue(empty, add), complete("mine", "c2"));
    const told = sample({ id: "theirs", title: "New" });
    const after = confirm(doing, "a1", told);
    expect(after.pending).toEqual([complete("theirs", "c2")]);
    expect([...view(after, zone).keys()]).toEqual(["theirs"]);
    expect(view(after, zone).get("theirs")?.completed).toBe(true);
  });

  test("what is refused is taken back", () => {
    const task = sample();
    expect(view(refuse(queue(holding("1", task), complete(task.id)), "c1"), zone).get(task.id)).toEqual(task);
  });

  test("with a refused add goes what was done to its task", () => {
    const add: Command = { id: "a1", taskId: "mine", at, type: "add", task: { title: "New" } };
    expect(refuse(queue(queue(empty, add), complete("mine", "c2")), "a1").pending).toEqual([]);
  });

  test("a due date shows before the service has worked out its instant", () => {
    const task = sample();
    const doing = queue(holding("1", task), { id: "u", taskId: task.id, at, type: "update", patch: { due_date: "2026-12-31T09:00" } });
    expect(view(doing, zone).get(task.id)?.due_at).toBe("2026-12-31T08:00:00.000Z");
  });
});

describe("sync", () => {
  test("a page moves the cursor and merges", () => {
    const task = sample({ version: 2 });
    const after = take(holding("4"), { full: false, tasks: [task], sync_token: "8", has_more: false });
    expect(after).toMatchObject({ cursor: "8" });
    expect(after.base.get(task.id)).toEqual(task);
  });

  test("the cursor never goes back behind what the feed has told meanwhile", () => {
    expect(take(holding("12"), { full: false, tasks: [], sync_token: "8", has_more: false }).cursor).toBe("12");
  });

  test("after a full sync what it did not name is gone", () => {
    const [kept, purged] = [sample(), sample()];
    const after = take(holding("4", kept, purged), { full: true, tasks: [kept], sync_token: "8", has_more: false });
    expect([...after.base.keys()]).toEqual([kept.id]);
  });
});

describe("two tabs", () => {
  test("what was done in the other one is shown, confirmed by the feed, and is news here", () => {
    const task = sample({ version: 1 });
    const before = queue(holding("4", task), { ...complete(task.id), elsewhere: true });
    expect(view(before, zone).get(task.id)?.completed).toBe(true);
    const heard = hear(before, frame("5", { ...task, completed: true, version: 2 }, { type: "task.completed", request_id: "c1" }));
    expect(heard).toMatchObject({ kind: "next", own: false, known: false, replica: { pending: [] } });
  });

  test("a command that is told of twice stands once, and in the order of time", () => {
    const task = sample();
    const all = [complete(task.id, "b"), complete(task.id, "a"), complete(task.id, "b")].reduce((r, c) => queue(r, c), holding("1", task));
    expect(all.pending.map((c) => c.id)).toEqual(["a", "b"]);
  });
});

test("what is no frame is not taken for one", () => {
  const task = sample();
  expect(isFrame(frame("5", task))).toBe(true);
  expect(isFrame({ ...frame("5", task), cursor: 5 as unknown as string })).toBe(false);
  expect(isFrame(frame("5", { ...task, title: undefined as unknown as string }))).toBe(false);
});
