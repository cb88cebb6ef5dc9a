/** Whoever completes or skips an occurrence is told of the next one, in the same message, when it comes. */
import type { Task } from "~/lib/api";
import type { Frame } from "./replica";

const patience = 5_000; // ms; the next occurrence comes within a second

export class NextOf {
  private readonly waiting = new Map<string, (next: Task) => void>();
  private readonly seriesOf: (task: string) => string | null;

  /** `seriesOf` tells what a task belongs to by now: one that was just added knows it only when the service has answered. */
  constructor(seriesOf: (task: string) => string | null) {
    this.seriesOf = seriesOf;
  }

  /** Waits for the occurrence that comes after this one. */
  wait(task: string, tell: (next: Task) => void): void {
    this.waiting.set(task, tell);
    setTimeout(() => {
      if (this.waiting.get(task) === tell) this.waiting.delete(task);
    }, patience);
  }

  /** Whether a frame is such a next occurrence; then it needs no message of its own. */
  heard(frame: Frame): boolean {
    const task = frame.task;
    if (!task?.series_id || (frame.type !== "task.created" && frame.type !== "task.restored")) return false;
    for (const [one, tell] of this.waiting) {
      if (this.seriesOf(one) !== task.series_id) continue;
      this.waiting.delete(one);
      tell(task);
      return true;
    }
    return false;
  }
}
