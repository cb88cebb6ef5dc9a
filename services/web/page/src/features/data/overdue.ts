/** How many tasks were late at the end of each day, worked out from the tasks themselves. */
import type { Task } from "~/lib/api";
import { addDays, dayOf, instantOf } from "~/lib/time";

export interface DayCount {
  date: string;
  count: number;
}

/** The last n days up to now; a task counts from when it was due, and was there, until it was done or deleted. */
export function overdueByDay(tasks: Iterable<Task>, now: Date, zone: string, n: number): DayCount[] {
  const today = dayOf(now, zone);
  const days = Array.from({ length: n }, (_, i) => addDays(today, i - n + 1));
  const ends = days.map((day) => (day === today ? now.getTime() : instantOf(addDays(day, 1), "00:00", zone).getTime()));
  const steps = new Array<number>(n + 1).fill(0);
  const firstAfter = (at: number) => {
    const found = ends.findIndex((end) => end > at);
    return found < 0 ? n : found;
  };
  for (const task of tasks) {
    if (!task.due_at) continue;
    const from = firstAfter(Math.max(Date.parse(task.due_at), Date.parse(task.created_at)));
    const over = [task.completed ? task.completed_at : null, task.deleted_at].flatMap((at) => (at ? Date.parse(at) : []));
    const to = over.length > 0 ? firstAfter(Math.min(...over) - 1) : n;
    if (to <= from) continue;
    steps[from] = (steps[from] ?? 0) + 1;
    steps[to] = (steps[to] ?? 0) - 1;
  }
  let count = 0;
  return days.map((date, i) => ({ date, count: (count += steps[i] ?? 0) }));
}
