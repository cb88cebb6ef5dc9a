/**
 * Keeps the replica true: fills it by sync, follows the feed, sends what is done here. A frame that does not follow the
 * one before, and a feed that says `resync`, lead to the same cure: sync from the cursor that was had.
 */
import { api, take, type Sync, type Task } from "~/lib/api";
import { dropToken, token, tokenLeft } from "~/lib/auth";
import { now } from "~/lib/clock";
import { Feed, pause, type FeedState } from "~/lib/feed";
import { Problem, SignedOut } from "~/lib/problem";
import { uuid7 } from "~/lib/uuid";
import type { Command, Deed } from "./command";
import { Burst } from "./burst";
import { Keeper } from "./keeper";
import { NextOf } from "./next-of";
import { Outbox } from "./outbox";
import * as replica from "./replica";
import type { Frame } from "./replica";
import { send, sendKept } from "./send";
import { TaskStore } from "./store";
import { Tabs, type Through } from "./tabs";

const mostAPage = 200;
const mostSingly = 10; // deeds that are sent one by one
const fewFrames = 20; // from more at once on, rows neither keep their place nor glow
const feedPatience = 2_000; // ms from an answer to the feed's frame about it

export interface LiveNeeds {
  user: string;
  zone: () => string;
  /** A change that somebody else made, or this person elsewhere. */
  onNews: (frame: Frame) => void;
  onRefused: (command: Command, err: unknown) => void;
  onSignedOut: () => void;
}

export class Live {
  readonly store: TaskStore;
  readonly nextOf = new NextOf((id) => this.store.read().tasks.get(this.store.idOf(id))?.series_id ?? null);
  private readonly needs: LiveNeeds;
  private readonly outbox: Outbox;
  private readonly feed: Feed;
  private readonly keeper: Keeper;
  private readonly tabs: Tabs;
  private readonly burst = new Burst<Frame>((frames) =>
    this.store.batch(() => frames.forEach((f) => this.heard(f, frames.length > fewFrames))),
  );
  private syncing: Promise<void> | null = null;
  private askedAgain = false;
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(needs: LiveNeeds) {
    this.needs = needs;
    this.store = new TaskStore(needs.zone);
    this.keeper = new Keeper(needs.user, this.store);
    this.tabs = new Tabs(needs.user, {
      onQueued: (commands) => this.store.change((r) => replica.queue(r, ...commands)),
      onThrough: (through) => this.throughElsewhere(through),
    });
    this.outbox = new Outbox(this.store, {
      send: (c) => send(needs.user, c, needs.zone()),
      sendKept: (all) => sendKept(needs.user, this.store.replica.cursor, all, (id) => this.store.replica.base.get(id)?.version),
      onRefused: needs.onRefused,
      onSignedOut: needs.onSignedOut,
      onThrough: (through) => this.tabs.through(through),
      alone: (work) => this.tabs.alone(work),
    });
    this.feed = new Feed({
      url: (cursor) => wsUrl(cursor),
      token,
      tokenLeft,
      dropToken,
      cursor: () => this.store.replica.cursor,
      onFrame: (frame) => this.burst.add(frame as unknown as Frame),
      onGarbage: () => this.catchUpLater(),
      onState: (state) => this.feedIs(state),
    });
  }

  start(): void {
    this.stopped = false;
    window.addEventListener("online", this.online);
    window.addEventListener("offline", this.gone);
    document.addEventListener("visibilitychange", this.back);
    void this.open();
  }

  /** First what the last visit left, so that there is something to see without a network; then what is new. */
  private async open(): Promise<void> {
    const kept = await this.keeper.load();
    if (this.stopped) return;
    this.keeper.start();
    if (kept) this.store.change((r) => replica.queue(kept, ...r.pending));
    if (kept?.cursor != null) this.store.set({ ready: true });
    await this.fill();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.online);
    window.removeEventListener("offline", this.gone);
    document.removeEventListener("visibilitychange", this.back);
    this.keeper.stop();
    this.outbox.stop();
    this.feed.stop();
    this.tabs.close();
    this.burst.stop();
  }

  /** Does something to a task: it shows at once and is sent as soon as there is a connection. */
  do(taskId: string, deed: Deed): Command {
    const [command] = this.doAll([[taskId, deed]]);
    return command as Command;
  }

  /** Does something to many tasks. Many go together, a hundred a call, as what was done without a connection. */
  doAll(deeds: readonly (readonly [taskId: string, deed: Deed])[]): Command[] {
    const { feed } = this.store.read();
    const many = deeds.length > mostSingly;
    const kept = many || feed === "offline" || feed === "waiting";
    const at = new Date(now()).toISOString();
    const commands = deeds.map(([taskId, deed]): Command => ({
      id: uuid7(),
      taskId: this.store.idOf(taskId),
      at,
      ...(kept && { kept }),
      ...deed,
    }));
    this.store.batch(() => {
      if (!many) for (const { taskId } of commands) this.store.hold(taskId);
      this.store.change((r) => replica.queue(r, ...commands));
    });
    this.tabs.queued(commands);
    void this.outbox.flush();
    return commands;
  }

  /** Takes in a task that a call outside of the commands has answered with. */
  told(task: Task): void {
    this.store.change((r) => replica.merge(r, [task], true));
  }

  /** The first load, tried until it works; the feed follows from where it ended. */
  readonly fill = async (): Promise<void> => {
    clearTimeout(this.timer);
    try {
      await this.sync();
      this.tries = 0;
      this.store.set({ ready: true, failed: null });
      this.feed.start();
      void this.outbox.flush();
    } catch (err) {
      if (this.stopped) return;
      if (err instanceof SignedOut) this.needs.onSignedOut(); // which stops us, unless one part alone says so
      this.store.set({ failed: err, feed: navigator.onLine ? "waiting" : "offline" });
      this.timer = setTimeout(() => void this.fill(), pause(this.tries++));
    }
  };

  /** All that changed since the cursor. Many may ask, one goes; who asks meanwhile is answered by one more round. */
  sync(): Promise<void> {
    this.askedAgain = this.syncing !== null;
    this.syncing ??= this.rounds().finally(() => (this.syncing = null));
    return this.syncing;
  }

  private async rounds(): Promise<void> {
    do {
      this.askedAgain = false;
      await this.pull();
    } while (this.askedAgain && !this.stopped);
  }

  private async pull(): Promise<void> {
    const all: Task[] = [];
    let full = false;
    let page: Sync | undefined;
    for (let since = this.store.replica.cursor; page === undefined || page.has_more; since = page.sync_token) {
      page = await this.page(since);
      if (this.stopped) return;
      full ||= page.full;
      if (page.full) all.length = 0; // it begins anew, where more was forgotten in between
      all.push(...page.tasks);
    }
    // Only now, with every page in: a break in between begins where it began, and no list grows under the eyes.
    const whole: Sync = { ...page, full, tasks: all };
    if (full && this.store.replica.cursor !== null) await this.keeper.clear();
    this.store.change((r) => replica.take(r, whole));
  }

  private async page(since: string | null): Promise<Sync> {
    const ask = (token: string | null) =>
      take(
        api.GET("/api/{user_id}/sync", {
          params: { path: { user_id: this.needs.user }, query: { limit: mostAPage, ...(token && { sync_token: token }) } },
        }),
      );
    try {
      return await ask(since);
    } catch (err) {
      // A token that the service no longer knows: begin anew, which tells everything.
      if (since && err instanceof Problem && err.status === 422) return ask(null);
      throw err;
    }
  }

  private readonly noticed = new Set<() => void>();

  /** Tells of every new notice until the answer is called. */
  onNotice(tell: () => void): () => void {
    this.noticed.add(tell);
    return () => void this.noticed.delete(tell);
  }

  /** Another tab has sent it: here it is no longer on top either. */
  private throughElsewhere({ id, task, refused }: Through, late = false): void {
    const command = this.store.replica.pending.find((c) => c.id === id);
    if (!command) return;
    if (!late && !refused && !command.kept && this.store.read().feed === "live") {
      // The feed tells it in a moment, and that is when it is said; only where it does not, this is believed.
      setTimeout(() => this.throughElsewhere({ id, task }, true), feedPatience);
      return;
    }
    if (task) this.store.rename(command.taskId, task.id);
    this.store.change((r) => {
      if (refused) return replica.refuse(r, id);
      return task ? replica.confirm(r, id, task) : replica.forget(replica.confirm(r, id, null), command.taskId);
    });
  }

  private heard(frame: Frame, many: boolean): void {
    if (!replica.isFrame(frame)) return this.catchUpLater();
    if (frame.type === "hello") {
      void this.outbox.flush();
      return;
    }
    if (frame.type === "resync") {
      this.catchUp();
      return;
    }
    if (frame.task && frame.request_id) {
      const mine = this.store.replica.pending.find((c) => c.id === frame.request_id);
      if (mine) this.store.rename(mine.taskId, frame.task.id);
    }
    const heard = replica.hear(this.store.replica, frame);
    if (heard.kind === "gap") this.catchUp();
    if (heard.kind !== "next") return;
    if (frame.type === "notice.created") for (const tell of this.noticed) tell();
    const news = !heard.own && !heard.known;
    if (news && frame.task && !many) this.store.hold(frame.task.id);
    this.store.change(() => heard.replica);
    if (!news) return;
    if (frame.task && !many) this.store.shine(frame.task.id);
    this.needs.onNews(frame);
  }

  /** As catchUp, but not at the pace of somebody who sends garbage. */
  private catchUpLater(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.catchUp(), pause(1));
  }

  private catchUp(): void {
    this.sync().catch((err: unknown) => {
      if (err instanceof SignedOut) this.needs.onSignedOut();
      this.timer = setTimeout(() => this.catchUp(), pause(this.tries++));
    });
  }

  private feedIs(state: FeedState): void {
    if (state === "ended") this.needs.onSignedOut();
    this.store.set({ feed: state !== "live" && !navigator.onLine ? "offline" : state });
  }

  private readonly back = (): void => {
    if (document.visibilityState === "hidden") return;
    if (this.store.read().ready) {
      this.feed.nudge();
      void this.outbox.flush();
    } else void this.fill();
  };

  private readonly online = (): void => {
    if (this.store.read().ready) this.feed.renewed();
    this.back();
  };

  private readonly gone = (): void => {
    this.store.set({ feed: "offline" });
  };
}

function wsUrl(cursor: string | null): string {
  const url = new URL("/ws", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (cursor) url.searchParams.set("cursor", cursor);
  return url.href;
}
