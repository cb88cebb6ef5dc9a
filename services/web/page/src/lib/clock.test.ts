import { afterEach, expect, test } from "vitest";
import { now, tellClock } from "./clock";

afterEach(() => tellClock(Date.now()));

test("a clock that is an hour wrong is made up for", () => {
  tellClock(Date.now() + 3_600_000);
  expect(Math.abs(now() - Date.now() - 3_600_000)).toBeLessThan(1_000);
});

test("what a network explains is no wrong clock", () => {
  tellClock(Date.now() - 5_000);
  expect(Math.abs(now() - Date.now())).toBeLessThan(1_000);
});
