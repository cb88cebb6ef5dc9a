import { expect, test } from "vitest";
import { retagged } from "./whole-tag";

test("a tag is renamed where it stands, and not doubled", () => {
  expect(retagged({ tags: ["a", "Home", "b"] }, "home", "house")).toEqual(["a", "house", "b"]);
  expect(retagged({ tags: ["House", "home", "b"] }, "home", "house")).toEqual(["House", "b"]);
  expect(retagged({ tags: ["home"] }, "home", "Home")).toEqual(["Home"]);
  expect(retagged({ tags: ["a", "home"] }, "HOME", null)).toEqual(["a"]);
});
