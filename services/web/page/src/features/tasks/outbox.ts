/**
 * Sends what was done here, one after the other, in the order it was done. What finds no connection stays and is tried
 * again; what is refused is taken back and said.
 */
import { pause } from "~/lib/feed";
import { NoConnection, Problem, SignedOut } from "~/lib/problem";
import type { Task } from "~/lib/api";
import type { Command } from "./command";
import { confirm, forget, refuse } from "./replica";
import type { Result } from "./send";
import type { TaskStore } from "./store";
import type { Through } from "./tabs";

export interface OutboxNeeds {
  send: (command: Command) => Promise<Task | null>;
  sendKept: (commands: readonly Command[]) => Promise<Result[]>;
  onRefused: (command: Command, err: unknown) => void;
  onSignedOut?: () => void;
  /** Tells the other tabs what became of a command. */
  onThrough?: (through: Through) => void;
  /** Runs the work while no other tab sends. */
  alone?: (work: () => Promise<void>) => Promise<void>;
}

/** A part that answers 500 over and over will not take it: after these tries the command is refused. */
const mostTries = 4;

/** As many commands as sync takes in one call. */
const most = 100;

export class Outbox {
  private readonly store: TaskStore;
  private readonly needs: OutboxNeeds;
  private busy = false;
  private asked = false;
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(store: TaskStore, needs: OutboxNeeds) {
    this.store = store;
    this.needs = needs;
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Sends all that waits; returns when it is through or has to wait. */
  async flush(): Promise<void> {
    this.asked = true; // while one round ends, another may be asked for: none is forgotten
    if (this.busy || this.stopped) return;
    this.busy = true;
    clearTimeout(this.timer);
    const alone = this.needs.alone ?? ((work) => work());
    try {
      while (this.asked && !this.stopped) {
        this.asked = false;
        if (this.store.replica.pending.length > 0) await alone(() => this.drain());
      }
    } finally {
      this.busy = false;
    }
  }

  private async drain(): Promise<void> {
    for (let next = this.next(); next.length > 0 && !this.stopped; next = this.next()) {
      if (!(await this.try(next))) return;
    }
  }

  /**
   * The first of those left (the feed's echo may have confirmed the one under way); of those done without a connection
   * as many as go together. A line is always read alone, by the call that reads lines.
   */
  private next(): Command[] {
    const { pending } = this.store.replica;
    const together = (c: Command) => c.kept === true && !(c.type === "add" && c.line);
    const end = pending.findIndex((c) => !together(c));
    const run = pending.slice(0, end < 0 ? pending.length : end);
    return run.length > 0 ? run.slice(0, most) : pending.slice(0, 1);
  }

  private async try(commands: Command[]): Promise<boolean> {
    const [first] = commands;
    if (!first) return true;
    try {
      if (first.kept && !(first.type === "add" && first.line)) await this.many(commands);
      else this.through(first, await this.needs.send(first));
      this.tries = 0;
      this.stuck(false);
      return true;
    } catch (err) {
      return this.failed(first, err);
    }
  }

  private async many(commands: Command[]): Promise<void> {
    const results = await this.needs.sendKept(commands);
    this.store.batch(() =>
      commands.forEach((command, i) => {
        const result = results[i];
        if (!result) return;
        if ("refused" in result) this.refused(command, result.refused);
        else this.through(command, "task" in result ? result.task : null);
      }),
    );
  }

  private through(command: Command, task: Task | null): void {
    if (task) this.store.rename(command.taskId, task.id);
    this.needs.onThrough?.({ id: command.id, task });
    this.store.change((r) => (task ? confirm(r, command.id, task) : forget(confirm(r, command.id, null), command.taskId)));
  }

  private stuck(stuck: boolean): void {
    if (this.store.read().stuck !== stuck) this.store.set({ stuck });
  }

  private refused(command: Command, err: unknown): void {
    this.store.change((r) => refuse(r, command.id));
    this.needs.onThrough?.({ id: command.id, task: null, refused: true });
    this.needs.onRefused(command, err);
  }

  private failed(command: Command, err: unknown): boolean {
    // Kept: if the session is over, it is sent after the next sign-in of the same person.
    if (err instanceof SignedOut) this.needs.onSignedOut?.();
    const waits =
      err instanceof NoConnection || err instanceof SignedOut || (err instanceof Problem && err.passing && this.tries < mostTries);
    if (!waits) {
      this.tries = 0;
      this.stuck(false);
      this.refused(command, err);
      return true;
    }
    const after = err instanceof Problem && err.retryAfter ? err.retryAfter * 1000 : pause(this.tries);
    this.tries++;
    this.stuck(true);
    this.timer = setTimeout(() => void this.flush(), after);
    return false;
  }
}
