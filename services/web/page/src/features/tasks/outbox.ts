/**
 * Sends what was done here, one after the other, in the order it was done. What finds no connection stays and is tried
 * again; what is refused is taken back and said.
 */
import { pause } from "~/lib/feed";
import { NoConnection, Problem, SignedOut } from "~/lib/problem";
import type { Task } from "~/lib/api";
import type { Command } from "./command";
import { confirm, forget, refuse } from "./replica";
import type { TaskStore } from "./store";

export interface OutboxNeeds {
  send: (command: Command) => Promise<Task | null>;
  onRefused: (command: Command, err: unknown) => void;
  onSent?: (command: Command, task: Task | null) => void;
}

/** A part that answers 500 over and over will not take it: after these tries the command is refused. */
const mostTries = 4;

export class Outbox {
  private readonly store: TaskStore;
  private readonly needs: OutboxNeeds;
  private busy = false;
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
    if (this.busy || this.stopped) return;
    this.busy = true;
    clearTimeout(this.timer);
    try {
      for (let head = this.head(); head && !this.stopped; head = this.head()) {
        if (!(await this.one(head))) return;
      }
    } finally {
      this.busy = false;
    }
  }

  /** The feed's echo may have confirmed the one under way, so it is always the first of those left. */
  private head(): Command | undefined {
    return this.store.replica.pending[0];
  }

  private async one(command: Command): Promise<boolean> {
    try {
      const task = await this.needs.send(command);
      this.tries = 0;
      if (task) this.store.rename(command.taskId, task.id);
      this.store.change((r) => (task ? confirm(r, command.id, task) : forget(confirm(r, command.id, null), command.taskId)));
      this.needs.onSent?.(command, task);
      return true;
    } catch (err) {
      return this.failed(command, err);
    }
  }

  private failed(command: Command, err: unknown): boolean {
    if (err instanceof SignedOut) return false; // kept: it is sent after the next sign-in of the same person
    const waits = err instanceof NoConnection || (err instanceof Problem && err.passing && this.tries < mostTries);
    if (!waits) {
      this.tries = 0;
      this.store.change((r) => refuse(r, command.id));
      this.needs.onRefused(command, err);
      return true;
    }
    const after = err instanceof Problem && err.retryAfter ? err.retryAfter * 1000 : pause(this.tries);
    this.tries++;
    this.timer = setTimeout(() => void this.flush(), after);
    return false;
  }
}
