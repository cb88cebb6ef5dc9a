import { expect, test } from "vitest";
import type { Frame } from "./replica";
import { sayFrame } from "./news";

const frame = (type: string, actor: string) => ({ type, actor: { type: actor, name: null }, task: { title: "Pay rent" } }) as Frame;

test("what somebody put into the trash is said, and not what came too early", () => {
  expect(sayFrame(frame("task.deleted", "user"))).toBe("Task deleted: Pay rent");
  expect(sayFrame(frame("task.deleted", "agent"))).toBe("Task deleted: Pay rent");
  expect(sayFrame(frame("task.deleted", "system"))).toBeNull();
  expect(sayFrame(frame("task.restored", "system"))).toBeNull();
});
