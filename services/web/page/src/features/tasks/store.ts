/** The replica with listeners: what React subscribes to. One per person; it holds state and decides nothing. */
import type { FeedState } from "~/lib/feed";
import type { Task } from "~/lib/api";
import { empty, view, type Replica } from "./replica";

export interface Snapshot {
  readonly replica: Replica;
  /** The tasks to show, those in the trash too. */
  readonly tasks: ReadonlyMap<string, Task>;
  readonly feed: FeedState | "offline";
  /** Whether all tasks are here; before that the list may still grow. */
  readonly ready: boolean;
  /** Why there is nothing to show yet, where loading failed. */
  readonly failed: unknown;
  /** Rows that just changed, as they were: they keep their place for a moment, so that nothing moves under a finger. */
  readonly held: ReadonlyMap<string, Task>;
  /** Rows that somebody else changed, until they have settled. */
  readonly glowing: ReadonlySet<string>;
  /** A line that the service refused, on its way back into the field it was typed in. */
  readonly returned: string | null;
}

/** How long a row that sorts elsewhere stays where it was, and how long one glows that somebody else changed. */
const stay = 600;
const glow = 1000;

export class TaskStore {
  private snapshot: Snapshot;
  private readonly listeners = new Set<() => void>();
  private readonly ids = new Map<string, string>();
  private readonly rows = new Map<string, string>();
  private readonly zone: () => string;

  constructor(zone: () => string) {
    this.zone = zone;
    this.snapshot = {
      replica: empty,
      tasks: empty.base,
      feed: "connecting",
      ready: false,
      failed: null,
      held: new Map(),
      glowing: new Set(),
      returned: null,
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): Snapshot => this.snapshot;

  get replica(): Replica {
    return this.snapshot.replica;
  }

  change(f: (replica: Replica) => Replica): void {
    const replica = f(this.snapshot.replica);
    if (replica !== this.snapshot.replica) this.set({ replica, tasks: view(replica, this.zone()) });
  }

  set(part: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...part };
    for (const listener of this.listeners) listener();
  }

  /** Lets a row keep its place for a moment, from before a change on. */
  hold(id: string): void {
    const was = this.snapshot.tasks.get(id);
    if (!was || this.snapshot.held.has(id)) return;
    this.set({ held: new Map(this.snapshot.held).set(id, was) });
    setTimeout(() => {
      const held = new Map(this.snapshot.held);
      held.delete(id);
      this.set({ held });
    }, stay);
  }

  /** Lets a row glow that somebody else changed. */
  shine(id: string): void {
    this.set({ glowing: new Set(this.snapshot.glowing).add(id) });
    setTimeout(() => {
      const glowing = new Set(this.snapshot.glowing);
      glowing.delete(id);
      this.set({ glowing });
    }, glow);
  }

  /** Notes that the service gave a task made here another id. */
  rename(from: string, to: string): void {
    if (from === to || this.ids.has(from)) return;
    this.ids.set(from, to);
    this.rows.set(to, from);
  }

  /** The id by which the service knows a task, for whoever still holds the one made here. */
  readonly idOf = (id: string): string => this.ids.get(id) ?? id;

  /** What a row is called by React: the id that the task had when it first appeared here. */
  readonly rowKey = (id: string): string => this.rows.get(id) ?? id;
}
