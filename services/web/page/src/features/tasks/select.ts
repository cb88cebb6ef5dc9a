/** From all tasks to the rows of a list: the API's filters and sorts, worked out here so that nothing waits. */
import type { Task } from "~/lib/api";
import { addDays, dayOf, dayWords, fullDay, headDay } from "~/lib/time";
import { text } from "~/text/en";
import { doneDay, dueDay, dueInstant, fold, haystack } from "./facts";
import { viewName, type Filter } from "./filter";

export interface Group {
  key: string;
  label: string | null;
  /** The day that its tasks have, null for those without one; undefined where they have several. */
  day?: string | null;
  tasks: Task[];
}

export interface Now {
  at: number;
  zone: string;
}

const rank = { critical: 3, high: 2, normal: 1, low: 0 } as const;

export const isOverdue = (task: Task, now: Now): boolean => {
  const at = dueInstant(task);
  return !task.completed && at !== null && at < now.at;
};

const doneToday = (task: Task, now: Now, today: string): boolean => task.completed && doneDay(task, now.zone) === today;

/** Whether a task belongs on the list. */
export function matches(filter: Filter, now: Now): (task: Task) => boolean {
  const today = dayOf(new Date(now.at), now.zone);
  const last = addDays(today, filter.due === "week" ? 7 : 0);
  const words = fold(filter.q ?? "")
    .split(/\s+/)
    .filter(Boolean);
  const tags = filter.tag?.map((t) => t.toLowerCase());
  return (task) => {
    if ((filter.status === "deleted") !== (task.deleted_at !== null)) return false;
    if (filter.priority && !filter.priority.includes(task.priority)) return false;
    if (tags && !task.tags.some((t) => tags.includes(t.toLowerCase()))) return false;
    if (words.some((w) => !haystack(task).includes(w))) return false;
    return byStatus(task) && byDue(task);
  };

  function byStatus(task: Task): boolean {
    switch (filter.status) {
      case "pending":
        return !task.completed;
      case "completed":
        return task.completed;
      case "all":
      case "deleted":
        return true;
      default: // what was done today stays in sight until the day is over
        return !task.completed || (filter.due !== "overdue" && doneToday(task, now, today));
    }
  }

  function byDue(task: Task): boolean {
    if (!filter.due) return true;
    const day = dueDay(task, now.zone);
    if (!day) return false;
    if (filter.due === "overdue") return isOverdue(task, now);
    return day <= last && (filter.due === "today" || !isOverdue(task, now));
  }
}

type Sort = NonNullable<Filter["sort"]>;

/** Whether the list is what is done, newest first, under the days on which it was done. */
const isDone = (filter: Filter): boolean => filter.status === "completed" && !filter.sort && !filter.order && !filter.q;

/** What a task is sorted by; `last` is where those stand that have no date. */
const keys: Record<Sort | "done", (task: Task, last: number) => number | string> = {
  due: (task, last) => dueInstant(task) ?? last,
  priority: (task) => rank[task.priority],
  created: (task) => task.created_at,
  updated: (task) => task.deleted_at ?? task.updated_at,
  done: (task) => task.completed_at ?? "",
  title: (task) => task.title,
};

/** A row with what places it. */
export interface Entry {
  task: Task;
  head: Head;
  key: number | string;
  name: string;
}

export interface Rule {
  /** The entry of a task, or null where it does not belong on the list. */
  entry: (task: Task) => Entry | null;
  order: (a: Entry, b: Entry) => number;
}

/** How a list is made, by the API's rules: without a date last in either order, ties by id. */
export function ruleOf(filter: Filter, now: Now, { placed, name }: Placing): Rule {
  const sort = filter.sort ?? (filter.status === "deleted" ? "updated" : filter.status === "completed" ? "done" : "due");
  const order = filter.order ?? (sort === "due" || sort === "title" ? "asc" : "desc");
  const sign = order === "asc" ? 1 : -1;
  const belongs = matches(filter, now);
  const head = grouping(filter, now);
  const by = sort === "title" ? (a: string, b: string) => titles.compare(a, b) : order2;
  return {
    entry: (task) => {
      const at = placed(task);
      return belongs(at) ? { task, head: head(at), key: keys[sort](at, sign * Infinity), name: name(at.id) } : null;
    },
    order: (a, b) => sign * by(a.key as string, b.key as string) || order2(a.name, b.name),
  };
}

export const titles = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const order2 = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export interface Placing {
  /** The task by which a row is placed: one that just changed keeps its place for a moment. */
  placed: (task: Task) => Task;
  /** The id by which ties are broken: a task made here keeps its place when the service gives it another. */
  name: (id: string) => string;
}
export const asIs: Placing = { placed: (task) => task, name: (id) => id };

/** Those that belong on the list, in their order. */
export function sorted(tasks: Iterable<Task>, rule: Rule): Entry[] {
  const entries: Entry[] = [];
  for (const task of tasks) {
    const entry = rule.entry(task);
    if (entry) entries.push(entry);
  }
  return entries.sort(rule.order);
}

type Head = Omit<Group, "tasks">;

/** The groups that stand whatever is in them: the days of Upcoming, where a task can be put. */
export function fixed(filter: Filter, now: Now): Head[] {
  if (!byDay(filter)) return [];
  const today = dayOf(new Date(now.at), now.zone);
  return Array.from({ length: 8 }, (_, i) => dayHead(addDays(today, i), today));
}

const byDay = (filter: Filter): boolean => viewName(filter) === "upcoming" && isDated(filter);

const dayHead = (day: string, today: string): Head => ({ key: day, label: dayLabel(day, today), day });

/** A day on which something was done: no day to be due on, so nothing can be put there. */
const doneHead = (day: string, today: string): Head => ({ key: "done-" + day, label: dayLabel(day, today) });

function dayLabel(day: string, today: string): string {
  if (day < today && day.slice(0, 4) !== today.slice(0, 4)) return fullDay(day);
  if (day < addDays(today, -1) || day > addDays(today, 1)) return headDay(day);
  const near = dayWords(day, today);
  return `${near.charAt(0).toUpperCase()}${near.slice(1)} · ${headDay(day)}`;
}

/** Whether the list goes by date, and so has headings. */
const isDated = (filter: Filter): boolean =>
  (!filter.sort || filter.sort === "due") &&
  filter.order !== "desc" &&
  filter.status !== "deleted" &&
  filter.status !== "completed" &&
  !filter.q;

function grouping(filter: Filter, now: Now): (task: Task) => Head {
  const words = text.tasks.groups;
  const heads = {
    all: { key: "all", label: null },
    done: { key: "done", label: words.doneToday },
    none: { key: "none", label: words.none, day: null },
    overdue: { key: "overdue", label: words.overdue },
    week: { key: "week", label: words.week },
    later: { key: "later", label: words.later },
  };
  const today = dayOf(new Date(now.at), now.zone);
  if (isDone(filter)) return (task) => doneHead(doneDay(task, now.zone) ?? today, today);
  if (!isDated(filter)) return () => heads.all;
  const tomorrow = addDays(today, 1);
  const week = addDays(today, 7);
  const near = {
    today: { key: "today", label: words.today, day: today },
    tomorrow: { key: "tomorrow", label: words.tomorrow, day: tomorrow },
  };
  const mixed = viewName(filter) === "all";
  return (task) => {
    if (task.completed && !mixed) return heads.done;
    const day = dueDay(task, now.zone);
    if (byDay(filter) && day) return dayHead(day, today);
    if (!day) return heads.none;
    if (isOverdue(task, now)) return heads.overdue;
    if (day <= today) return near.today;
    if (day === tomorrow) return near.tomorrow;
    return day <= week ? heads.week : heads.later;
  };
}
