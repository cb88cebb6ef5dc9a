import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Feed, pause, type FeedState } from "./feed";
import { SignedOut } from "./problem";

class Socket {
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readyState = 1;
  readonly sent: string[] = [];
  readonly url: string;
  readonly protocols: string[];
  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
  }
  send(data: string) {
    this.sent.push(data);
  }
  close() {
    this.readyState = 3;
  }
  tell(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

const jwt = (exp: number) => `h.${btoa(JSON.stringify({ sub: "ana", exp }))}.s`;

function feed(tokens: (string | Error)[] = []) {
  const sockets: Socket[] = [];
  const states: FeedState[] = [];
  const frames: string[] = [];
  const dropToken = vi.fn();
  const onGarbage = vi.fn();
  let cursor: string | null = null;
  const made = new Feed({
    url: (c) => "/ws" + (c ? `?cursor=${c}` : ""),
    token: () => {
      const next = tokens.shift() ?? jwt(2_000_000_000);
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
    tokenLeft: () => 900_000,
    dropToken,
    onGarbage,
    cursor: () => cursor,
    onFrame: (f) => {
      frames.push(f.type);
      if (typeof f["cursor"] === "string") cursor = f["cursor"];
    },
    onState: (s) => states.push(s),
    socket: (url, protocols) => {
      const socket = new Socket(url, protocols);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    random: () => 1,
  });
  return { made, sockets, states, frames, dropToken, onGarbage };
}

const settled = () => vi.advanceTimersByTimeAsync(0);
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("on another network it does not trust the socket of the old one", async () => {
  const { made, sockets, states } = feed();
  made.start();
  await vi.advanceTimersByTimeAsync(0);
  sockets[0]?.tell({ type: "hello", cursor: "7" });
  made.renewed();
  await vi.advanceTimersByTimeAsync(0);
  expect(sockets[0]?.readyState).toBe(3);
  sockets[0]?.onclose?.({ code: 1006 });
  sockets[1]?.tell({ type: "hello", cursor: "7" });
  expect(sockets).toHaveLength(2);
  expect(states.at(-1)).toBe("live");
});

test("the token goes as a sub-protocol, never in the address", async () => {
  const { made, sockets } = feed(["head.body.sign"]);
  made.start();
  await settled();
  expect(sockets[0]?.protocols).toEqual(["tickler.v1", "bearer.head.body.sign"]);
  expect(sockets[0]?.url).toBe("/ws");
  made.stop();
});

test("it comes back with the cursor that it had", async () => {
  const { made, sockets, states } = feed();
  made.start();
  await settled();
  sockets[0]?.tell({ type: "hello", cursor: "7" });
  sockets[0]?.tell({ type: "task.updated", cursor: "8" });
  sockets[0]?.onclose?.({ code: 4408 });
  await vi.advanceTimersByTimeAsync(600);
  expect(sockets[1]?.url).toBe("/ws?cursor=8");
  expect(states).toEqual(["connecting", "live", "waiting", "waiting"]);
  made.stop();
});

test("a refused token is forgotten and a session that is over ends the feed", async () => {
  const { made, sockets, states, dropToken } = feed([jwt(2_000_000_000), new SignedOut()]);
  made.start();
  await settled();
  sockets[0]?.tell({ type: "hello", cursor: "1" });
  sockets[0]?.onclose?.({ code: 4401 });
  await vi.advanceTimersByTimeAsync(600);
  expect(dropToken).toHaveBeenCalledOnce();
  expect(states.at(-1)).toBe("ended");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sockets).toHaveLength(1);
  made.stop();
});

test("a token that is refused before the socket opens is asked for anew", async () => {
  const { made, sockets, states, dropToken } = feed([jwt(2_000_000_000), new SignedOut()]);
  made.start();
  await settled();
  sockets[0]?.onclose?.({ code: 1006 });
  await vi.advanceTimersByTimeAsync(600);
  expect(dropToken).toHaveBeenCalledOnce();
  expect(states.at(-1)).toBe("ended");
  made.stop();
});

test("with too many tabs it waits half a minute", async () => {
  const { made, sockets, states } = feed();
  made.start();
  await settled();
  sockets[0]?.onclose?.({ code: 4429 });
  expect(states.at(-1)).toBe("crowded");
  await vi.advanceTimersByTimeAsync(29_000);
  expect(sockets).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sockets).toHaveLength(2);
  made.stop();
});

test("a newer token is handed over half a minute before the socket would end", async () => {
  const { made, sockets } = feed([jwt(2_000_000_000), "h." + btoa(JSON.stringify({ exp: 2_000_000_900 })) + ".s"]);
  made.start();
  await settled();
  sockets[0]?.tell({ type: "hello", cursor: "1" });
  await vi.advanceTimersByTimeAsync(869_000);
  expect(sockets[0]?.sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(JSON.parse(sockets[0]?.sent[0] ?? "{}")).toMatchObject({ type: "auth" });
  made.stop();
});

test("pauses double up to half a minute and are never all alike", () => {
  expect([0, 1, 2, 9].map((n) => pause(n, () => 1))).toEqual([500, 1000, 2000, 30_000]);
  expect(pause(2, () => 0)).toBe(1000);
});

test("garbage is told of and never taken for a frame", async () => {
  const { made, sockets, frames, onGarbage } = feed();
  made.start();
  await settled();
  sockets[0]?.tell({ type: "hello", cursor: "1" });
  for (const data of ["{", "null", "[]", '"hello"', '{"type":7}', "<html>"]) sockets[0]?.onmessage?.({ data });
  expect(frames).toEqual(["hello"]);
  expect(onGarbage).toHaveBeenCalledTimes(6);
  made.stop();
});
