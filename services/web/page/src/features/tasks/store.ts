/** The replica with listeners: what React subscribes to. One per person; it holds state and decides nothing. */
import type { FeedState } from "~/lib/feed";
import type { Task } from "~/lib/api";
import { empty, view, type Replica } from "./replica";

export interface Snapshot {
  readonly replica: Replica;
  /** The tasks to show, those in the trash too. */
  readonly tasks: ReadonlyMap<string, Task>;
  readonly feed: FeedState | "offline";
  /** Whether what was done here finds nobody who takes it, though the feed may be well. */
  readonly stuck: boolean;
  /** Whether the browser could not keep what was done here last: no room, or no storage allowed. */
  readonly unkept: boolean;
  /** Whether all tasks are here; before that the list may still grow. */
  readonly ready: boolean;
  /** Why there is nothing to show yet, where loading failed. */
  readonly failed: unknown;
  /** Rows that just changed, as they were: they keep their place for a moment, so that nothing moves under a finger. */
  readonly held: ReadonlyMap<string, Task>;
  /** Rows that somebody else changed, until they have settled. */
  readonly glowing: ReadonlySet<string>;
  /** The rows that are marked, for what is done to many at once. */
  readonly selected: ReadonlySet<string>;
  /** Whether rows are being marked: then a click marks instead of opening. */
  readonly selecting: boolean;
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
  private readonly pinned = new Set<string>();
  private readonly zone: () => string;
  private anchor: string | null = null;
  private batching = false;
  private rowsInOrder: () => readonly string[] = () => [];

  constructor(zone: () => string) {
    this.zone = zone;
    this.snapshot = {
      replica: empty,
      tasks: empty.base,
      feed: "connecting",
      stuck: false,
      unkept: false,
      ready: false,
      failed: null,
      held: new Map(),
      glowing: new Set(),
      selected: new Set(),
      selecting: false,
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
    if (replica === this.snapshot.replica) return;
    if (this.batching) this.snapshot = { ...this.snapshot, replica };
    else this.set({ replica, tasks: view(replica, this.zone()) });
  }

  /** Many changes, shown once at their end: a thousand frames of an import are one picture. */
  batch(work: () => void): void {
    if (this.batching) return work();
    const { replica } = this.snapshot;
    this.batching = true;
    try {
      work();
    } finally {
      this.batching = false;
      const now = this.snapshot.replica;
      this.set(now === replica ? {} : { tasks: view(now, this.zone()) });
    }
  }

  /** Ends when the tasks are here and all that was done is through, at the latest after so many milliseconds. */
  through(patience: number): Promise<void> {
    return new Promise((done) => {
      const end = () => {
        clearTimeout(timer);
        forget();
        done();
      };
      const look = () => {
        if (this.snapshot.ready && this.replica.pending.length === 0) end();
      };
      const timer = setTimeout(end, patience);
      const forget = this.subscribe(look);
      look();
    });
  }

  set(part: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...part };
    if (this.batching) return;
    for (const listener of this.listeners) listener();
  }

  /** Lets a row keep its place for a moment, from before a change on. */
  hold(id: string): void {
    const was = this.snapshot.tasks.get(id);
    if (!was || this.snapshot.held.has(id)) return;
    this.set({ held: new Map(this.snapshot.held).set(id, was) });
    setTimeout(() => this.letGo(id), stay);
  }

  private letGo(id: string): void {
    if (this.pinned.has(id)) return void setTimeout(() => this.letGo(id), stay);
    const held = new Map(this.snapshot.held);
    held.delete(id);
    this.set({ held });
  }

  /** Lets a row that keeps its place keep it while somebody writes in it, until the answer is called. */
  pin(id: string): () => void {
    this.pinned.add(id);
    return () => void this.pinned.delete(id);
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

  /** The rows of the list from top to bottom, those too that are not drawn. */
  get order(): readonly string[] {
    return this.rowsInOrder();
  }

  /** Told by the list whenever it changes; worked out when it is asked for. */
  setOrder(order: () => readonly string[]): void {
    this.rowsInOrder = order;
  }

  /** Marks these rows and no others. */
  select(ids: Iterable<string>): void {
    this.set({ selected: new Set(ids), selecting: true });
  }

  /** Marks a row, or takes its mark away. */
  toggle(id: string): void {
    const selected = new Set(this.snapshot.selected);
    if (!selected.delete(id)) selected.add(id);
    this.anchor = id;
    this.set({ selected, selecting: true });
  }

  /** Marks every row from the one that was last marked to this one. */
  selectTo(id: string): void {
    const from = this.anchor === null ? -1 : this.order.indexOf(this.anchor);
    const to = this.order.indexOf(id);
    if (from < 0 || to < 0) return this.toggle(id);
    const between = this.order.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.set({ selected: new Set([...this.snapshot.selected, ...between]), selecting: true });
  }

  readonly endSelecting = (): void => {
    this.anchor = null;
    if (this.snapshot.selecting) this.set({ selected: new Set(), selecting: false });
  };

  /** The marked tasks that are still there. */
  chosen(): Task[] {
    return [...this.snapshot.selected].flatMap((id) => this.snapshot.tasks.get(this.idOf(id)) ?? []);
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
