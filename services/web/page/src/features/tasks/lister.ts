/** A list that follows its tasks: as long as the same is asked, only what changed is looked at again. */
import type { Task } from "~/lib/api";
import type { Filter } from "./filter";
import { grouped, ruleOf, sorted, type Entry, type Group, type Now, type Rule } from "./select";

type Tasks = ReadonlyMap<string, Task>;

export interface Question {
  filter: Filter;
  now: Now;
  /** The id by which ties are broken: a task made here keeps its place when the service gives it another. */
  name: (id: string) => string;
}

interface Answer {
  question: Question;
  tasks: Tasks;
  /** Tasks as they were, by which their rows are placed: one that just changed keeps its place for a moment. */
  held: Tasks;
  entries: Entry[];
}

/** From so many changes on, sorting all is no slower. */
const few = 200;

export class Lister {
  private last: Answer | null = null;

  list(tasks: Tasks, held: Tasks, question: Question): Group[] {
    const { filter, now, name } = question;
    const rule = ruleOf(filter, now, { placed: (task) => held.get(task.id) ?? task, name });
    const { last } = this;
    const same = last && last.question.filter === filter && last.question.now === now && last.question.name === name;
    const changed = same ? differing(last, tasks, held) : null;
    const entries = last && changed ? patched(last.entries, changed, tasks, rule) : sorted(tasks.values(), rule);
    this.last = { question, tasks, held, entries };
    return grouped(entries, filter, now);
  }
}

/** The ids of the tasks that changed, came, went, or are placed by another state of theirs; null where those are many. */
function differing(last: Answer, tasks: Tasks, held: Tasks): Set<string> | null {
  const out = new Set<string>();
  let had = 0;
  if (last.tasks !== tasks) {
    for (const [id, task] of tasks) {
      const was = last.tasks.get(id);
      if (was) had++;
      if (was !== task) out.add(id);
      if (out.size > few) return null;
    }
    if (had < last.tasks.size) for (const id of last.tasks.keys()) if (!tasks.has(id)) out.add(id);
  }
  if (last.held !== held) for (const id of [...last.held.keys(), ...held.keys()]) out.add(id);
  return out.size > few ? null : out;
}

function patched(entries: readonly Entry[], changed: ReadonlySet<string>, tasks: Tasks, rule: Rule): Entry[] {
  const out = entries.filter((e) => !changed.has(e.task.id));
  for (const id of changed) {
    const task = tasks.get(id);
    const entry = task && rule.entry(task);
    if (entry) out.splice(placeOf(entry, out, rule), 0, entry);
  }
  return out;
}

/** Where an entry belongs among sorted ones. */
function placeOf(entry: Entry, among: readonly Entry[], rule: Rule): number {
  let from = 0;
  let to = among.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const there = among[middle];
    if (there && rule.order(there, entry) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
