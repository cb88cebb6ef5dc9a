/** Lines that are pasted: each may be a task. */
import type { NewTask } from "~/lib/api";
import { longestTitle } from "./title-edit";

const longestNotes = 10_000; // characters

/** The tasks that lines stand for: bullets and boxes go, what is too long for a title is whole in the notes. */
export function tasksOf(pasted: string): NewTask[] {
  return pasted
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/^\s*(?:[-*•]|\d{1,4}[.)])?\s*(?:\[[ xX]\]\s+)?/, "").trim())
    .filter(Boolean)
    .map((line) => {
      const points = [...line];
      if (points.length <= longestTitle) return { title: line };
      return {
        title:
          points
            .slice(0, longestTitle - 1)
            .join("")
            .trimEnd() + "…",
        description: points.slice(0, longestNotes).join(""),
      };
    });
}
