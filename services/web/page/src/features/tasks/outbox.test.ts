import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Task } from "~/lib/api";
import { NoConnection, Problem, SignedOut } from "~/lib/problem";
import type { Command } from "./command";
import { Outbox } from "./outbox";
import { merge, queue } from "./replica";
import { sample } from "./sample";
import { TaskStore } from "./store";

const at = "2026-11-24T09:00:00Z";
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function outbox(answers: (Task | Error)[]) {
  const store = new TaskStore(() => "UTC");
  const sent: string[] = [];
  const refused: string[] = [];
  const made = new Outbox(store, {
    send: (command) => {
      sent.push(command.id);
      const answer = answers.shift();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? null);
    },
    sendKept: (commands) => {
      sent.push(commands.map((c) => c.id).join("+"));
      const answer = answers.shift();
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve(
        commands.map((c) => (c.id === "2-bad" ? { refused: new Problem(422, {}) } : { task: sample({ id: c.taskId, version: 9 }) })),
      );
    },
    onRefused: (command) => refused.push(command.id),
  });
  const put = (command: Command) => store.change((r) => queue(r, command));
  return { store, sent, refused, put, made };
}

describe("what was done here", () => {
  test("is sent in the order it was done", async () => {
    const task = sample();
    const { store, sent, put, made } = outbox([
      { ...task, version: 2 },
      { ...task, version: 3 },
    ]);
    store.change((r) => merge(r, [task]));
    put({ id: "1", taskId: task.id, at, type: "complete" });
    put({ id: "2", taskId: task.id, at, type: "reopen" });
    await made.flush();
    expect(sent).toEqual(["1", "2"]);
    expect(store.replica.pending).toEqual([]);
    expect(store.replica.base.get(task.id)?.version).toBe(3);
  });

  test("waits for a connection and is sent again under its own name", async () => {
    const told = sample({ title: "New" });
    const { store, sent, refused, put, made } = outbox([new NoConnection(), told]);
    put({ id: "1", taskId: "mine", at, type: "add", task: { title: "New" } });
    await made.flush();
    expect(store.replica.pending).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toEqual(["1", "1"]);
    expect(store.replica.pending).toEqual([]);
    expect(refused).toEqual([]);
    expect(store.rowKey(told.id)).toBe("mine");
  });

  test("is taken back and said where it is refused", async () => {
    const task = sample();
    const { store, refused, put, made } = outbox([new Problem(422, { code: "invalid" })]);
    store.change((r) => merge(r, [task]));
    put({ id: "1", taskId: task.id, at, type: "update", patch: { title: "x".repeat(300) } });
    await made.flush();
    expect(refused).toEqual(["1"]);
    expect(store.read().tasks.get(task.id)).toEqual(task);
  });

  test("waits as long as a part that is away asks for", async () => {
    const told = sample();
    const { sent, put, made } = outbox([new Problem(503, { code: "unavailable" }, 7), told]);
    put({ id: "1", taskId: "mine", at, type: "add", task: { title: "New" } });
    await made.flush();
    await vi.advanceTimersByTimeAsync(6_900);
    expect(sent).toEqual(["1"]);
    await vi.advanceTimersByTimeAsync(200);
    expect(sent).toEqual(["1", "1"]);
  });

  test("waits, and is not forgotten, where somebody says that nobody is signed in", async () => {
    const told = sample();
    const { sent, refused, put, made } = outbox([new SignedOut(), told]);
    put({ id: "1", taskId: "mine", at, type: "add", task: { title: "New" } });
    await made.flush();
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toEqual(["1", "1"]);
    expect(refused).toEqual([]);
  });

  test("of what was done without a connection all goes together, and only what is refused is taken back", async () => {
    const { store, sent, refused, put, made } = outbox([new NoConnection()]);
    put({ id: "1", taskId: "a", at, type: "add", task: { title: "New" }, kept: true });
    put({ id: "2-bad", taskId: "b", at, type: "complete", kept: true });
    put({ id: "3", taskId: "a", at, type: "complete", kept: true });
    put({ id: "4", taskId: "c", at, type: "complete" });
    await made.flush();
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toEqual(["1+2-bad+3", "1+2-bad+3", "4"]);
    expect(refused).toEqual(["2-bad"]);
    expect(store.replica.pending).toEqual([]);
  });
});
