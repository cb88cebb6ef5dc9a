/** A list that follows its tasks: as long as the same is asked, only what changed is looked at again. */
import type { Task } from "~/lib/api";
import { difference, type Tasks } from "./difference";
import { fold } from "./facts";
import type { Filter } from "./filter";
import { Places } from "./places";
import { asIs, fixed, ruleOf, sorted, type Entry, type Group, type Now, type Rule } from "./select";

export interface Question {
  filter: Filter;
  now: Now;
  /** The id by which ties are broken: a task made here keeps its place when the service gives it another. */
  name: (id: string) => string;
}

export interface List {
  groups: Group[];
  /** Where each row stands; the same object as long as the same rows stand where they stood. */
  places: Places;
}

interface Answer {
  question: Question;
  tasks: Tasks;
  /** Tasks as they were, by which their rows are placed: one that just changed keeps its place for a moment. */
  held: Tasks;
  entries: Map<string, Entry>;
  list: List;
}

export class Lister {
  private last: Answer | null = null;

  list(tasks: Tasks, held: Tasks, question: Question): List {
    const { filter, now, name } = question;
    const rule = ruleOf(filter, now, { placed: (task) => held.get(task.id) ?? task, name });
    const { last } = this;
    const changed = last && isSame(last.question, question) ? moved(last, tasks, held) : null;
    const { entries, groups } =
      last && changed
        ? patched(last, changed, tasks, rule)
        : anew(last && isPart(last, tasks, held, question) ? flat(last.list.groups) : tasks.values(), rule);
    const arranged = inOrder(groups, entries, rule, question);
    const places = last?.list.places.are(arranged) ? last.list.places : new Places(arranged);
    this.last = { question, tasks, held, entries, list: { groups: arranged, places } };
    return this.last.list;
  }
}

/** The list in its groups, made once. */
export function select(tasks: Iterable<Task>, filter: Filter, now: Now, placing = asIs): Group[] {
  const rule = ruleOf(filter, now, placing);
  const { entries, groups } = anew(tasks, rule);
  return inOrder(groups, entries, rule, { filter, now });
}

interface Sorted {
  entries: Map<string, Entry>;
  groups: Map<string, Group>;
}

function anew(tasks: Iterable<Task>, rule: Rule): Sorted {
  const all = sorted(tasks, rule);
  const groups = new Map<string, Group>();
  for (const { task, head } of all) {
    const group = groups.get(head.key);
    if (group) group.tasks.push(task);
    else groups.set(head.key, { ...head, tasks: [task] });
  }
  return { entries: new Map(all.map((entry) => [entry.task.id, entry])), groups };
}

const isSame = (a: Question, b: Question): boolean => a.filter === b.filter && a.now === b.now && a.name === b.name;

/** Whether all that is asked for now was found the last time: somebody typed one more letter of what they search. */
function isPart(last: Answer, tasks: Tasks, held: Tasks, { filter, now, name }: Question): boolean {
  const { q: before = "", ...was } = last.question.filter;
  const { q = "", ...is } = filter;
  const same = last.tasks === tasks && last.held === held && last.question.now === now && last.question.name === name;
  return same && JSON.stringify(was) === JSON.stringify(is) && fold(q).startsWith(fold(before));
}

function* flat(groups: readonly Group[]): Iterable<Task> {
  for (const group of groups) yield* group.tasks;
}

/** The ids of the tasks that differ, or are placed by another state of theirs; null where those are many. */
function moved(last: Answer, tasks: Tasks, held: Tasks): ReadonlySet<string> | null {
  const changed = difference(last.tasks, tasks);
  if (!changed || last.held === held) return changed;
  return new Set([...changed, ...last.held.keys(), ...held.keys()]);
}

/** The last groups with what changed taken out of its old place and put into its new one. Takes the entries along. */
function patched(last: Answer, changed: ReadonlySet<string>, tasks: Tasks, rule: Rule): Sorted {
  const { entries } = last;
  const groups = new Map(last.list.groups.map((group) => [group.key, group]));
  const own = new Set<string>(); // groups that are no longer the last answer's
  const open = ({ head }: Entry): Task[] => {
    const group = groups.get(head.key);
    if (group && own.has(head.key)) return group.tasks;
    const copy = { ...(group ?? head), tasks: group ? [...group.tasks] : [] };
    own.add(head.key);
    groups.set(head.key, copy);
    return copy.tasks;
  };
  for (const id of changed) {
    const was = entries.get(id);
    if (!was) continue;
    const list = open(was);
    list.splice(placeOf(was, list, entries, rule), 1);
    entries.delete(id);
  }
  for (const id of changed) {
    const task = tasks.get(id);
    const entry = task && rule.entry(task);
    if (!entry) continue;
    const list = open(entry);
    list.splice(placeOf(entry, list, entries, rule), 0, entry.task);
    entries.set(id, entry);
  }
  return { entries, groups };
}

/** Where an entry stands, or belongs, among sorted tasks. */
function placeOf(entry: Entry, among: readonly Task[], entries: ReadonlyMap<string, Entry>, rule: Rule): number {
  let from = 0;
  let to = among.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const there = entries.get(among[middle]?.id ?? "");
    if (there && rule.order(there, entry) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The groups in their order: those that always stand, the others by their first row, what is done last. */
function inOrder(groups: Sorted["groups"], entries: Sorted["entries"], rule: Rule, asked: Omit<Question, "name">): Group[] {
  const always = fixed(asked.filter, asked.now);
  const standing = new Set(always.map((head) => head.key));
  const first = (group: Group) => entries.get(group.tasks[0]?.id ?? "") as Entry;
  const others = [...groups.values()].filter((group) => group.tasks.length > 0 && !standing.has(group.key) && group.key !== "done");
  others.sort((a, b) => rule.order(first(a), first(b)));
  const done = groups.get("done");
  return [
    ...always.map((head) => groups.get(head.key) ?? { ...head, tasks: [] }),
    ...others,
    ...(done && done.tasks.length > 0 ? [done] : []),
  ];
}
