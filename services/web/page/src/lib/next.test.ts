import { expect, test } from "vitest";
import { safeNext } from "./next";

test.each(["/tasks", "/tasks?due=today&tag=home", "/tasks/018f#history", "/oauth/authorize?client_id=x"])("%s is followed", (next) => {
  expect(safeNext(next)).toBe(next);
});

test.each([
  undefined,
  7,
  "",
  "tasks",
  "https://evil.example/tasks",
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "\\\\evil.example",
  "javascript:alert(1)",
  "/signin?next=/signin",
  "/signup",
  "/",
  "/api/auth/sign-out",
  "/ws",
])("%s leads to the tasks instead", (next) => {
  expect(safeNext(next)).toBe("/tasks");
});

test("what would climb out of the path stays on this page", () => {
  expect(safeNext("/a/../../..//evil.example")).toBe("/tasks");
  expect(safeNext("/tasks/../activity")).toBe("/activity");
});
