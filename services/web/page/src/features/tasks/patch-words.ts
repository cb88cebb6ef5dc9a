/** A change in words, and the change that takes it back. */
import type { Channel, Task, TaskPatch } from "~/lib/api";
import { clockOf, dayOf, dayWords, isDay } from "~/lib/time";
import { text } from "~/text/en";

/** What a patch does, in a few words that a message begins with. */
export function sayPatch(patch: TaskPatch, now: Date, zone: string): string {
  const words = text.did.patch;
  if (patch.title !== undefined) return words.title(patch.title);
  if (patch.recurrence_rule !== undefined && patch.due_date !== null) return patch.recurrence_rule ? words.repeats : words.repeatsNoMore;
  if (patch.due_date !== undefined) return patch.due_date ? words.due(sayDue(patch.due_date, now, zone)) : words.noDue;
  if (patch.priority != null) return words.priority(text.tasks.priority[patch.priority]);
  if (patch.tags !== undefined) return words.tags;
  if (patch.description !== undefined) return words.notes;
  return words.other;
}

/** A due date as it is written to the service: a day, a local time, or an instant. */
export function sayDue(due: string, now: Date, zone: string): string {
  const today = dayOf(now, zone);
  if (isDay(due)) return dayWords(due, today);
  const instant = /(Z|[+-]\d{2}:\d{2})$/.test(due) ? new Date(due) : null;
  const day = instant ? dayOf(instant, zone) : due.slice(0, 10);
  return `${dayWords(day, today)} ${instant ? clockOf(instant, zone) : due.slice(11, 16)}`;
}

/** The patch that makes a task what it was before another patch. */
export function before(task: Task, patch: TaskPatch): TaskPatch {
  const rule = task.recurrence_rule;
  const was: Required<TaskPatch> = {
    title: task.title,
    description: task.description,
    completed: task.completed,
    priority: task.priority,
    tags: task.tags,
    due_date: task.due_date,
    time_zone: task.time_zone,
    recurrence_rule: rule && { rrule: rule.rrule, anchor: rule.anchor },
    reminders: task.reminders.map(asNew),
  };
  return Object.fromEntries(Object.entries(was).filter(([field]) => field in patch));
}

function asNew(r: Task["reminders"][number]) {
  const ways = r.channels ? { channels: r.channels as Channel[] } : {};
  if (r.minutes_before !== undefined) return { minutes_before: r.minutes_before, ...ways };
  if (r.days_before !== undefined) return { days_before: r.days_before, time: r.time ?? "09:00", ...ways };
  return { at: r.at ?? r.remind_at ?? "", ...ways };
}
