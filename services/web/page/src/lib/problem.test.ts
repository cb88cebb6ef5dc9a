import { expect, test } from "vitest";
import { Problem, sayProblem } from "./problem";

test("what is wrong is said of the field that it is about", () => {
  const errors = [
    { field: "/url", code: "invalid", detail: "is private" },
    { field: "/tags/3", code: "invalid", detail: "may have 50 characters" },
    { field: "/unheard_of", code: "invalid", detail: "this cannot be" },
  ];
  const refused = new Problem(422, { detail: "some values are not allowed", code: "invalid", errors });
  expect(sayProblem(refused)).toBe("Address: is private. Tags: may have 50 characters. This cannot be.");
});
