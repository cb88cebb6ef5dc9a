/** From all tasks to the rows of a list: the API's filters and sorts, worked out here so that nothing waits. */
import type { Task } from "~/lib/api";
import { addDays, dayOf, dayWords, dueDay, dueInstant, headDay } from "~/lib/time";
import { text } from "~/text/en";
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
const fold = (s: string): string => s.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const folded = new WeakMap<Task, string>();

function haystack(task: Task): string {
  let hay = folded.get(task);
  if (hay === undefined) {
    hay = fold([task.title, task.description, ...task.tags].join("\n"));
    folded.set(task, hay);
  }
  return hay;
}

export const isOverdue = (task: Task, now: Now): boolean => {
  const at = dueInstant(task);
  return !task.completed && at !== null && at < now.at;
};

const doneToday = (task: Task, now: Now, today: string): boolean =>
  task.completed && task.completed_at !== null && dayOf(new Date(task.completed_at), now.zone) === today;

/** Whether a task belongs on the list. */
export function matches(filter: Filter, now: Now): (task: Task) => boolean {
  const today = dayOf(new Date(now.at), now.zone);
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
    return day <= addDays(today, filter.due === "week" ? 7 : 0) && (filter.due === "today" || !isOverdue(task, now));
  }
}

/** The order of a list, by the API's rules: without a date last in either order, ties by id (as `name` gives it). */
export function compare(filter: Filter, name: (id: string) => string = (id) => id): (a: Task, b: Task) => number {
  const sort = filter.sort ?? (filter.status === "deleted" || filter.status === "completed" ? "updated" : "due");
  const order = filter.order ?? (sort === "due" || sort === "title" ? "asc" : "desc");
  const sign = order === "asc" ? 1 : -1;
  const dues = new Map<Task, number | null>();
  const dueOf = (task: Task) => {
    if (!dues.has(task)) dues.set(task, dueInstant(task));
    return dues.get(task) ?? null;
  };
  const by: Record<typeof sort, (a: Task, b: Task) => number> = {
    due: (a, b) => {
      const [x, y] = [dueOf(a), dueOf(b)];
      if (x === null || y === null) return x === y ? 0 : x === null ? sign : -sign;
      return x - y;
    },
    priority: (a, b) => rank[a.priority] - rank[b.priority],
    created: (a, b) => order2(a.created_at, b.created_at),
    updated: (a, b) => order2(stamp(a), stamp(b)),
    title: (a, b) => titles.compare(a.title, b.title),
  };
  return (a, b) => sign * by[sort](a, b) || order2(name(a.id), name(b.id));
}

const titles = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const order2 = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const stamp = (t: Task): string => t.deleted_at ?? t.updated_at;

export interface Placing {
  /** The task by which a row is placed: one that just changed keeps its place for a moment. */
  placed: (task: Task) => Task;
  /** The id by which ties are broken: a task made here keeps its place when the service gives it another. */
  name: (id: string) => string;
}
const asIs: Placing = { placed: (task) => task, name: (id) => id };

/** The list in its groups. */
export function select(tasks: Iterable<Task>, filter: Filter, now: Now, { placed, name }: Placing = asIs): Group[] {
  const belongs = matches(filter, now);
  const order = compare(filter, name);
  const rows = [...tasks].map((task) => ({ task, at: placed(task) })).filter((r) => belongs(r.at));
  rows.sort((a, b) => order(a.at, b.at));
  const head = grouping(filter, now);
  const groups = new Map<string, Group>();
  for (const empty of days(filter, now)) groups.set(empty.key, { ...empty, tasks: [] });
  for (const { task, at } of rows) {
    const heading = head(at);
    const group = groups.get(heading.key) ?? { ...heading, tasks: [] };
    group.tasks.push(task);
    groups.set(heading.key, group);
  }
  const done = groups.get("done");
  if (done) {
    groups.delete("done");
    groups.set("done", done);
  }
  return [...groups.values()];
}

type Head = Omit<Group, "tasks">;

/** The days of Upcoming, those too on which there is nothing: a task can be put there. */
function days(filter: Filter, now: Now): Head[] {
  if (!byDay(filter)) return [];
  const today = dayOf(new Date(now.at), now.zone);
  return Array.from({ length: 8 }, (_, i) => dayHead(addDays(today, i), today));
}

const byDay = (filter: Filter): boolean => viewName(filter) === "upcoming" && isDated(filter);

function dayHead(day: string, today: string): Head {
  const near = dayWords(day, today);
  const words = day <= addDays(today, 1) ? `${near.charAt(0).toUpperCase()}${near.slice(1)} · ${headDay(day)}` : headDay(day);
  return { key: day, label: words, day };
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
  const plain = { key: "all", label: null };
  if (!isDated(filter)) return () => plain;
  const today = dayOf(new Date(now.at), now.zone);
  const tomorrow = addDays(today, 1);
  const week = addDays(today, 7);
  const mixed = viewName(filter) === "all";
  return (task) => {
    if (task.completed && !mixed) return { key: "done", label: words.doneToday };
    const day = dueDay(task, now.zone);
    if (byDay(filter) && day) return dayHead(day, today);
    if (!day) return { key: "none", label: words.none, day: null };
    if (isOverdue(task, now)) return { key: "overdue", label: words.overdue };
    if (day <= today) return { key: "today", label: words.today, day: today };
    if (day === tomorrow) return { key: "tomorrow", label: words.tomorrow, day: tomorrow };
    return day <= week ? { key: "week", label: words.week } : { key: "later", label: words.later };
  };
}

export interface Counts {
  inbox: number;
  today: number;
  overdue: number;
  tags: { tag: string; open: number }[];
}

/** The numbers of the sidebar. */
export function count(tasks: Iterable<Task>, now: Now): Counts {
  const today = dayOf(new Date(now.at), now.zone);
  const tags = new Map<string, { tag: string; open: number }>();
  const out = { inbox: 0, today: 0, overdue: 0 };
  for (const task of tasks) {
    if (task.completed || task.deleted_at) continue;
    out.inbox++;
    const day = dueDay(task, now.zone);
    if (day && day <= today) out.today++;
    if (isOverdue(task, now)) out.overdue++;
    for (const tag of task.tags) {
      const known = tags.get(tag.toLowerCase()) ?? { tag, open: 0 };
      known.open++;
      tags.set(tag.toLowerCase(), known);
    }
  }
  return { ...out, tags: [...tags.values()].sort((a, b) => titles.compare(a.tag, b.tag)) };
}
