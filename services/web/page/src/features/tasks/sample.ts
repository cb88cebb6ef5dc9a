/** Tasks for tests, with what a test does not care about filled in. */
import type { Task } from "~/lib/api";
import type { Frame } from "./replica";

let made = 0;

export function sample(part: Partial<Task> = {}): Task {
  made++;
  return {
    id: `00000000-0000-7000-8000-${String(made).padStart(12, "0")}`,
    user_id: "ana",
    title: `Task ${made}`,
    description: "",
    completed: false,
    completed_at: null,
    priority: "normal",
    tags: [],
    due_date: null,
    due_at: null,
    time_zone: null,
    recurrence_rule: null,
    reminders: [],
    series_id: null,
    version: 1,
    created_at: "2026-11-20T08:00:00Z",
    updated_at: "2026-11-20T08:00:00Z",
    deleted_at: null,
    ...part,
  };
}

/** A frame of the feed about a task. */
export const frame = (cursor: string, task: Task, part: Partial<Frame> = {}): Frame => ({
  type: "task.updated",
  cursor,
  task_id: task.id,
  version: task.version,
  task,
  request_id: null,
  ...part,
});
