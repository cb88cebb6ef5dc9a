/** What a person does to a task, as data: shown at once, sent when there is a connection, each applied once. */
import type { NewTask, Task, TaskPatch } from "~/lib/api";
import { instantOf, isDay, addDays } from "~/lib/time";

export type Command = {
  /** Names the call. The service applies it once, and the feed's echo carries it as `request_id`. */
  id: string;
  taskId: string;
  /** When it was done here, for what is shown until the service has answered. */
  at: string;
  /** Done without a connection: such commands go together through sync, where each counts once by its id. */
  kept?: true;
  /** Done in another tab of the same browser: shown here too, and sent by whichever tab comes first. */
  elsewhere?: true;
} & Deed;

export type Deed =
  /** With a line, the service reads that once more, as of then; `task` is what was understood when it was typed. */
  | { type: "add"; task: NewTask; line?: { text: string; ignore: { start: number; end: number }[] } }
  | { type: "update"; patch: TaskPatch }
  | { type: "complete" | "reopen" | "delete" | "restore" | "skip" };

/** The task as it will most likely be once the command is through; undefined where there is none to show. */
export function applied(task: Task | undefined, command: Command, zone: string): Task | undefined {
  switch (command.type) {
    case "add":
      // The service's own answer may be here already, under the same id.
      return task ?? fresh(command.taskId, command.task, command.at, zone);
    case "update":
      return task && { ...task, ...shown(task, command.patch, zone), updated_at: later(task, command.at) };
    case "complete":
      return task && { ...task, completed: true, completed_at: task.completed_at ?? command.at };
    case "reopen":
      return task && { ...task, completed: false, completed_at: null };
    case "delete":
    case "skip": // what is skipped lies in the trash, the next one is a task of its own
      return task && { ...task, deleted_at: task.deleted_at ?? command.at };
    case "restore":
      return task && { ...task, deleted_at: null };
  }
}

const later = (task: Task, at: string) => (task.updated_at > at ? task.updated_at : at);

function fresh(id: string, wanted: NewTask, at: string, zone: string): Task {
  const blank: Task = {
    id,
    user_id: "",
    title: wanted.title,
    description: wanted.description ?? "",
    completed: false,
    completed_at: null,
    priority: wanted.priority ?? "normal",
    tags: wanted.tags ?? [],
    due_date: null,
    due_at: null,
    time_zone: null,
    recurrence_rule: null,
    reminders: [],
    series_id: null,
    version: 0,
    created_at: at,
    updated_at: at,
    deleted_at: null,
  };
  return { ...blank, ...dueOf(wanted.due_date ?? null, zone) };
}

/** The fields of a patch that can be shown before the service has made them whole; a new rule waits for it. */
function shown(task: Task, patch: TaskPatch, zone: string): Partial<Task> {
  const out: Partial<Task> = {};
  if (patch.title !== undefined) out.title = patch.title;
  if (patch.description !== undefined) out.description = patch.description ?? "";
  if (patch.priority !== undefined) out.priority = patch.priority ?? "normal";
  if (patch.tags !== undefined) out.tags = patch.tags ?? [];
  if (patch.due_date !== undefined) Object.assign(out, dueOf(patch.due_date, task.time_zone ?? zone));
  if (patch.recurrence_rule === null) out.recurrence_rule = null;
  return out;
}

function dueOf(due: string | null, zone: string): Pick<Task, "due_date" | "due_at"> {
  if (!due) return { due_date: null, due_at: null };
  if (isDay(due)) return { due_date: due, due_at: new Date(instantOf(addDays(due, 1), "00:00", zone).getTime() - 1000).toISOString() };
  const local = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(:\d{2})?$/.exec(due);
  const at = local ? instantOf(local[1] ?? "", local[2] ?? "", zone) : new Date(due);
  return { due_date: due, due_at: at.toISOString() };
}
