/**
 * Every open tab of a person has the same queue: what is done in one is shown and kept in all, and whichever comes
 * first sends it. One tab sends at a time, so that the order holds; sent twice a command counts once by its id.
 */
import type { Task } from "~/lib/api";
import type { Command } from "./command";

/** What became of a command: its task, `null` where that is gone for good, or that it was refused. */
export interface Through {
  id: string;
  task: Task | null;
  refused?: true;
}

type Message = { queued: readonly Command[] } | { through: Through };

export interface TabsNeeds {
  onQueued: (commands: readonly Command[]) => void;
  onThrough: (through: Through) => void;
}

export class Tabs {
  private readonly name: string;
  private readonly channel: BroadcastChannel | null;

  constructor(person: string, needs: TabsNeeds) {
    this.name = `tickler/${person}`;
    this.channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(this.name) : null;
    if (!this.channel) return;
    this.channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if ("queued" in data) needs.onQueued(data.queued.map((c) => ({ ...c, elsewhere: true })));
      else needs.onThrough(data.through);
    };
  }

  queued(commands: readonly Command[]): void {
    this.channel?.postMessage({ queued: commands } satisfies Message);
  }

  through(through: Through): void {
    this.channel?.postMessage({ through } satisfies Message);
  }

  /** Does the work while no other tab does its own. Where there are no locks, tabs may send the same; it counts once. */
  async alone(work: () => Promise<void>): Promise<void> {
    if (typeof navigator === "undefined" || !("locks" in navigator)) return work();
    await navigator.locks.request(this.name, work);
  }

  close(): void {
    this.channel?.close();
  }
}
