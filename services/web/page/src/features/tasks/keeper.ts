/** Keeps the replica of one person in the browser: what changed since the last time, a moment after it changed. */
import type { Task } from "~/lib/api";
import * as keep from "~/lib/keep";
import type { Command } from "./command";
import { place, type Replica } from "./replica";
import type { TaskStore } from "./store";

const pause = 500; // ms from a change to its being kept

export class Keeper {
  private readonly person: string;
  private readonly store: TaskStore;
  private kept: Replica | null = null;
  private keptCommands: readonly Command[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private forget: (() => void) | undefined;

  constructor(person: string, store: TaskStore) {
    this.person = person;
    this.store = store;
  }

  /** What the last visit left, and what other tabs have not sent yet. */
  async load(): Promise<Replica | null> {
    const found = await keep.load<Task, Command>(this.person);
    if (!found) return null;
    const replica: Replica = {
      base: new Map(found.tasks.map((t) => [t.id, t])),
      cursor: found.cursor,
      pending: found.commands.sort((a, b) => (a.id < b.id ? -1 : 1)),
    };
    this.kept = replica;
    this.keptCommands = replica.pending;
    return replica;
  }

  start(): void {
    this.forget = this.store.subscribe(() => this.changed());
    window.addEventListener("pagehide", this.now);
  }

  stop(): void {
    this.forget?.();
    clearTimeout(this.timer);
    window.removeEventListener("pagehide", this.now);
  }

  /** Forgets the tasks: the service has begun anew and counts from elsewhere. */
  clear(): Promise<unknown> {
    this.kept = null;
    return keep.forgetTasks(this.person);
  }

  private changed(): void {
    const { pending, base } = this.store.replica;
    if (pending !== this.keptCommands) {
      const had = new Set(this.keptCommands);
      const has = new Set(pending.map((c) => c.id));
      const through = this.keptCommands.filter((c) => !has.has(c.id));
      const added = pending.filter((c) => !had.has(c));
      void keep
        .saveCommands(
          this.person,
          added,
          through.map((c) => c.id),
          through.flatMap((c) => base.get(this.store.idOf(c.taskId)) ?? []),
        )
        .then((kept) => {
          const unkept = kept === null;
          if (added.length > 0 && unkept !== this.store.read().unkept) this.store.set({ unkept });
        });
      this.keptCommands = pending;
    }
    this.timer ??= setTimeout(this.now, pause);
  }

  private readonly now = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    const now = this.store.replica;
    const was = this.kept?.base ?? new Map<string, Task>();
    if (now.cursor === null || (now.cursor === this.kept?.cursor && now.base === was)) return;
    const changed = [...now.base.values()].filter((t) => was.get(t.id) !== t);
    const gone = [...was.keys()].filter((id) => !now.base.has(id));
    void keep.save(this.person, changed, gone, now.cursor, isBehind).then((written) => {
      if (written) this.kept = now;
    });
  };
}

function isBehind(cursor: string, kept: string): boolean {
  const [a, b] = [place(cursor), place(kept)];
  return a !== null && b !== null && a < b;
}
