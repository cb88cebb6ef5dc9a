import { expect, test } from "vitest";
import { tasksOf } from "./many-lines";

test("every line that says something is a task, without its bullet or box", () => {
  expect(tasksOf("- bread\r\n\n* [ ] milk\n2. eggs\n   \n  tea  \n3 cups").map((t) => t.title)).toEqual([
    "bread",
    "milk",
    "eggs",
    "tea",
    "3 cups",
  ]);
});

test("a line too long for a title is cut there and whole in the notes", () => {
  const long = "ä".repeat(250);
  const [task] = tasksOf(long);
  expect([...(task?.title ?? "")].length).toBe(200);
  expect(task?.description).toBe(long);
});
