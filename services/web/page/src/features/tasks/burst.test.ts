import { expect, test, vi } from "vitest";
import { Burst } from "./burst";

test("one goes through at once, a flood together, and none is lost", async () => {
  vi.useFakeTimers();
  const taken: number[][] = [];
  const burst = new Burst<number>((all) => taken.push(all));
  [1, 2, 3].forEach((n) => burst.add(n));
  expect(taken).toEqual([[1]]);
  await vi.advanceTimersByTimeAsync(60);
  expect(taken).toEqual([[1], [2, 3]]);
  await vi.advanceTimersByTimeAsync(60);
  burst.add(4);
  expect(taken).toEqual([[1], [2, 3], [4]]);
  vi.useRealTimers();
});
