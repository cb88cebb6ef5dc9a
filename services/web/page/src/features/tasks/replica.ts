/**
 * The person's tasks as the page holds them: what the services last said, a cursor that says up to where,
 * and what was done here and is not confirmed yet. Everything is a pure function of the state before it.
 */
import type { Sync, Task } from "~/lib/api";
import { applied, type Command } from "./command";

export interface Replica {
  /** The newest version that a service has told of each task, those in the trash too. */
  readonly base: ReadonlyMap<string, Task>;
  /** Up to which change of the person `base` is complete; null before the first sync. */
  readonly cursor: string | null;
  /** Done here, not confirmed. Shown on top of `base`, in this order. */
  readonly pending: readonly Command[];
}

/** A frame of the feed that tells of a change (wire-api §5). */
export interface Frame {
  type: string;
  cursor: string;
  event_id?: string;
  task_id?: string | null;
  version?: number;
  task?: Task | null;
  changed?: string[] | null;
  actor?: { type: string; name: string | null };
  source?: string;
  request_id?: string | null;
  notice?: { kind: string; title: string };
}

/** Whether what came as a frame can be one: nothing else gets into the replica. */
export function isFrame(frame: Frame): boolean {
  if (frame.type === "resync") return true;
  if (typeof frame.cursor !== "string") return false;
  const { task } = frame;
  return task == null || (typeof task.id === "string" && typeof task.title === "string" && typeof task.version === "number");
}

export const empty: Replica = { base: new Map(), cursor: null, pending: [] };

/** Whether what was told is to replace what is known. A reminder's status changes without a new version. */
const newer = (told: Task, known: Task | undefined, sameCounts: boolean): boolean =>
  !known || told.version > known.version || (sameCounts && told.version === known.version);

/** Merges tasks by version: an older one never replaces a newer one, in whatever order answers arrive. */
export function merge(replica: Replica, tasks: readonly Task[], sameCounts = false): Replica {
  const news = tasks.filter((t) => newer(t, replica.base.get(t.id), sameCounts));
  if (news.length === 0) return replica;
  const base = new Map(replica.base);
  for (const task of news) base.set(task.id, task);
  return { ...replica, base };
}

/** The number behind a cursor, or null where it is not one that can be compared. */
export function place(cursor: string | null): bigint | null {
  return cursor !== null && /^\d{1,30}$/.test(cursor) ? BigInt(cursor) : null;
}

export type Heard =
  | { kind: "old" } // seen before: nothing to do
  | { kind: "gap" } // something in between is missing: ask sync with the cursor that was had
  | { kind: "next"; replica: Replica; own: boolean; known: boolean };

/** What a frame of the feed does to the replica. */
export function hear(replica: Replica, frame: Frame): Heard {
  const had = place(replica.cursor);
  const comes = place(frame.cursor);
  if (had !== null && comes !== null) {
    if (comes <= had) return { kind: "old" };
    if (comes > had + 1n) return { kind: "gap" };
  }
  const task = frame.task ?? null;
  // What goes through sync comes back under the name of that call: then the task tells whose it is.
  const mine = replica.pending.filter((c) => c.id === frame.request_id || (c.kept && c.taskId === frame.task_id));
  const own = mine.some((c) => !c.elsewhere);
  const known = task !== null && !newer(task, replica.base.get(task.id), false);
  let next: Replica = { ...replica, cursor: frame.cursor };
  if (task) next = merge(next, [task], frame.type.startsWith("reminder."));
  if (mine.length > 0 && frame.request_id) next = confirm(next, frame.request_id, task);
  return { kind: "next", replica: next, own, known };
}

/** A whole sync, all pages of it. After a full one, what it does not name exists no more. */
export function take(replica: Replica, told: Sync): Replica {
  const named = told.full ? new Set(told.tasks.map((t) => t.id)) : null;
  const kept = named ? { ...replica, base: new Map([...replica.base].filter(([id]) => named.has(id))) } : replica;
  return { ...merge(kept, told.tasks, true), cursor: told.full ? told.sync_token : furthest(replica.cursor, told.sync_token) };
}

/** The feed may have been heard meanwhile: the cursor never goes back. */
function furthest(had: string | null, told: string): string {
  const [a, b] = [place(had), place(told)];
  return had !== null && a !== null && b !== null && a > b ? had : told;
}

/** Puts commands on top, in the order of their ids, which is that of their time; once, whoever tells of it again. */
export function queue(replica: Replica, ...commands: readonly Command[]): Replica {
  const known = new Set(replica.pending.map((c) => c.id));
  const fresh = commands.filter((c) => !known.has(c.id));
  if (fresh.length === 0) return replica;
  const last = replica.pending.at(-1);
  const pending = [...replica.pending, ...fresh];
  if (last && fresh.some((c) => c.id < last.id)) pending.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { ...replica, pending };
}

/** A command is through: it is no longer shown on top, and its task takes the place of the one that was made here. */
export function confirm(replica: Replica, commandId: string, task: Task | null): Replica {
  const command = replica.pending.find((c) => c.id === commandId);
  const merged = task ? merge(replica, [task]) : replica;
  if (!command) return merged;
  const pending = replica.pending.filter((c) => c !== command);
  return { ...merged, pending: task && task.id !== command.taskId ? renamed(pending, command.taskId, task.id) : pending };
}

const renamed = (pending: readonly Command[], from: string, to: string): Command[] =>
  pending.map((c) => (c.taskId === from ? { ...c, taskId: to } : c));

/** A command was refused: what it showed is taken back. What follows an add that failed goes with it. */
export function refuse(replica: Replica, commandId: string): Replica {
  const command = replica.pending.find((c) => c.id === commandId);
  if (!command) return replica;
  const dead = (c: Command) => c === command || (command.type === "add" && c.taskId === command.taskId);
  return { ...replica, pending: replica.pending.filter((c) => !dead(c)) };
}

/** A purged task is gone for good. */
export function forget(replica: Replica, id: string): Replica {
  const base = new Map(replica.base);
  base.delete(id);
  return { ...replica, base };
}

/** The tasks to show: what the services said with what was done here on top. */
export function view(replica: Replica, zone: string): ReadonlyMap<string, Task> {
  if (replica.pending.length === 0) return replica.base;
  const out = new Map(replica.base);
  for (const command of replica.pending) {
    const task = applied(out.get(command.taskId), command, zone);
    if (task) out.set(command.taskId, task);
  }
  return out;
}
