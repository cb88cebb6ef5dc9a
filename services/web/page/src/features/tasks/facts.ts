/** What lists ask of every task over and over, worked out once a task: a changed task is another object. */
import type { Task } from "~/lib/api";
import * as time from "~/lib/time";

/** A function of a task and a zone whose answers are kept; there is one zone at a time. */
function kept<T>(work: (task: Task, zone: string) => T): (task: Task, zone: string) => T {
  let answers = new WeakMap<Task, { answer: T }>();
  let of = "";
  return (task, zone) => {
    if (zone !== of) {
      answers = new WeakMap();
      of = zone;
    }
    let found = answers.get(task);
    if (!found) {
      found = { answer: work(task, zone) };
      answers.set(task, found);
    }
    return found.answer;
  };
}

/** The day on which a task is due for the person. */
export const dueDay = kept(time.dueDay);

/** The day on which it was completed, or null. */
export const doneDay = kept((task, zone) => (task.completed_at === null ? null : time.dayOf(new Date(task.completed_at), zone)));

const instant = kept(time.dueInstant);
/** The last instant of its due date, or null. */
export const dueInstant = (task: Task): number | null => instant(task, "");

/** A tag is one whatever its case. */
export const sameTag = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Without case and accents, as one searches. Plain text, which most is, has none. */
export const fold = (s: string): string => (plain.test(s) ? s : s.normalize("NFKD").replace(/\p{M}/gu, "")).toLowerCase();
const plain = /^[\n -~]*$/;

const folded = kept((task) => fold([task.title, task.description, ...task.tags].join("\n")));
/** All that is searched of it. */
export const haystack = (task: Task): string => folded(task, "");
