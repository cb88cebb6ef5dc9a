/** Says what somebody else did: each change by name, a burst of them (an import, an agent's turn) in one sentence. */
import { text } from "~/text/en";
import type { Frame } from "./replica";

const burst = 200; // ms in which changes count as one burst
const mostNamed = 2;

const said: Record<string, (title: string) => string> = {
  "task.created": text.said.created,
  "task.updated": text.said.updated,
  "task.completed": text.said.completed,
  "task.reopened": text.said.reopened,
  "task.deleted": text.said.deleted,
  "task.restored": text.said.restored,
  "task.skipped": text.said.skipped,
  "series.ended": text.said.ended,
};

/** The sentence about one change, or null where it is not worth one. */
export function sayFrame(frame: Frame): string | null {
  // Of notices only reminders are said: the others are about changes that are said themselves.
  if (frame.notice) return frame.notice.kind === "reminder" ? text.said.reminded(frame.notice.title) : null;
  // Nobody put this into the trash or took it out: it is the next of a series, that came too early or is due again.
  if (frame.actor?.type === "system" && (frame.type === "task.deleted" || frame.type === "task.restored")) return null;
  const title = frame.task?.title;
  return (title && said[frame.type]?.(title)) || null;
}

export class News {
  private waiting: string[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly say: (words: string) => void;

  constructor(say: (words: string) => void) {
    this.say = say;
  }

  add(frame: Frame): void {
    const words = sayFrame(frame);
    if (!words) return;
    this.waiting.push(words);
    this.timer ??= setTimeout(() => this.flush(), burst);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private flush(): void {
    this.timer = undefined;
    const all = this.waiting;
    this.waiting = [];
    if (all.length > mostNamed) this.say(text.said.many(all.length));
    else all.forEach(this.say);
  }
}
