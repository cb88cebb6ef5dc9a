/**
 * The live feed: one WebSocket that comes back by itself. It knows nothing of tasks: whoever uses it tells the cursor
 * to come back with and takes the frames.
 */
import { NoConnection, SignedOut } from "./problem";

export type FeedState = "connecting" | "live" | "waiting" | "crowded" | "ended";

export interface FeedNeeds {
  url: (cursor: string | null) => string;
  token: () => Promise<string>;
  /** How long that token lives on, in milliseconds. */
  tokenLeft: () => number;
  /** Forgets a token that the service has refused. */
  dropToken: () => void;
  cursor: () => string | null;
  onFrame: (frame: { type: string } & Record<string, unknown>) => void;
  /** Something came that is no frame; whoever uses the feed may have missed one. */
  onGarbage: () => void;
  onState: (state: FeedState) => void;
  socket?: (url: string, protocols: string[]) => WebSocket;
  random?: () => number;
}

const crowdedPause = 30_000;

/** How long to wait before the nth try: doubling from half a second to half a minute, anywhere in the upper half of it. */
export function pause(tries: number, random: () => number = Math.random): number {
  const most = Math.min(30_000, 500 * 2 ** tries);
  return most / 2 + random() * (most / 2);
}

export class Feed {
  private readonly needs: FeedNeeds;
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private renewal: ReturnType<typeof setTimeout> | undefined;
  private tries = 0;
  private stopped = false;
  private opening = false;
  private greeted = false;

  constructor(needs: FeedNeeds) {
    this.needs = needs;
  }

  start(): void {
    this.stopped = false;
    if (!this.socket && !this.opening) void this.open();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.renewal);
    this.socket?.close(1000);
    this.socket = null;
  }

  /** Tries at once instead of at the next turn: the network is back, or the tab is looked at again. */
  nudge(): void {
    if (this.stopped || this.socket || this.opening) return;
    clearTimeout(this.timer);
    this.tries = 0;
    void this.open();
  }

  /** The network is another one: a socket of the old one may live or be dead without a word, so a new one is opened. */
  renewed(): void {
    const old = this.socket;
    this.socket = null;
    clearTimeout(this.renewal);
    old?.close();
    this.nudge();
  }

  private async open(): Promise<void> {
    this.opening = true;
    this.needs.onState(this.tries === 0 ? "connecting" : "waiting");
    try {
      const token = await this.needs.token();
      if (this.stopped) return;
      const make = this.needs.socket ?? ((url, protocols) => new WebSocket(url, protocols));
      const socket = make(this.needs.url(this.needs.cursor()), ["tickler.v1", `bearer.${token}`]);
      this.socket = socket;
      this.greeted = false;
      socket.onmessage = (event) => {
        if (this.socket === socket) this.read(event.data);
      };
      socket.onclose = (event) => {
        if (this.socket === socket) this.closed(event.code);
      };
    } catch (err) {
      if (err instanceof SignedOut) this.needs.onState("ended");
      else if (err instanceof NoConnection) this.again();
      else throw err;
    } finally {
      this.opening = false;
    }
  }

  private read(data: unknown): void {
    const frame = frameOf(data);
    if (!frame) return this.needs.onGarbage();
    if (frame.type === "hello") {
      this.tries = 0;
      this.greeted = true;
      this.needs.onState("live");
      this.renewInTime();
    }
    this.needs.onFrame(frame);
  }

  /** The socket ends with its token, so a newer one is handed over half a minute before. */
  private renewInTime(): void {
    clearTimeout(this.renewal);
    this.renewal = setTimeout(() => void this.renew(), Math.max(1_000, this.needs.tokenLeft() - 30_000));
  }

  private async renew(): Promise<void> {
    const socket = this.socket;
    try {
      const token = await this.needs.token();
      if (socket && socket === this.socket && socket.readyState === 1) {
        socket.send(JSON.stringify({ type: "auth", token }));
        this.renewInTime();
      }
    } catch {
      // No connection or no session: the service closes the socket, and that is dealt with there.
    }
  }

  private closed(code: number): void {
    this.socket = null;
    clearTimeout(this.renewal);
    if (this.stopped) return;
    // Refused before it opened, which a browser does not tell the reason of: perhaps the token is no good any more.
    if (code === 4401 || !this.greeted) this.needs.dropToken();
    if (code === 4429) {
      this.needs.onState("crowded");
      this.timer = setTimeout(() => void this.open(), crowdedPause);
      return;
    }
    this.again();
  }

  private again(): void {
    if (this.stopped) return;
    this.needs.onState("waiting");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.open(), pause(this.tries++, this.needs.random));
  }
}

function frameOf(data: unknown): ({ type: string } & Record<string, unknown>) | null {
  if (typeof data !== "string") return null;
  try {
    const frame: unknown = JSON.parse(data);
    return frame && typeof frame === "object" && "type" in frame && typeof frame.type === "string" ? { ...frame, type: frame.type } : null;
  } catch {
    return null;
  }
}
