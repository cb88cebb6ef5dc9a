import { expect, test } from "vitest";
import { uuid7 } from "./uuid";

test("ids are version 7 and come in the order of their making, however fast", () => {
  const made = Array.from({ length: 10_000 }, () => uuid7());
  expect(made.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true);
  expect([...made].sort()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);
});
