/** Whoever completes or skips an occurrence is told of the next one, in the same message, when it comes. */
import type { Task } from "~/lib/api";
import type { Frame } from "./replica";

const patience = 5_000; // ms; the next occurrence comes within a second

export class NextOf {
  private readonly waiting = new Map<string, (next: Task) => void>();

  /** Waits for the next occurrence of a series. */
  wait(series: string, tell: (next: Task) => void): void {
    this.waiting.set(series, tell);
    setTimeout(() => {
      if (this.waiting.get(series) === tell) this.waiting.delete(series);
    }, patience);
  }

  /** Whether a frame is such a next occurrence; then it needs no message of its own. */
  heard(frame: Frame): boolean {
    const task = frame.task;
    if (!task?.series_id || (frame.type !== "task.created" && frame.type !== "task.restored")) return false;
    const tell = this.waiting.get(task.series_id);
    if (!tell) return false;
    this.waiting.delete(task.series_id);
    tell(task);
    return true;
  }
}
