/**
 * Signing in: the better-auth client as it is, and the short token that every other call carries.
 * The token lives in memory only; the session is a cookie that no script can read.
 */
import { jwtClient } from "better-auth/client/plugins";
import { createAuthClient } from "better-auth/react";
import { tellClock } from "./clock";
import { early } from "./head-start";
import { type Claims, claimsOf, endOf, isStale } from "./jwt";
import { NoConnection, SignedOut } from "./problem";

export const authClient = createAuthClient({
  baseURL: globalThis.location?.origin,
  plugins: [jwtClient()],
  sessionOptions: { refetchOnWindowFocus: true },
  fetchOptions: {
    customFetchImpl: async (input, init) => {
      const path = new URL(input instanceof Request ? input.url : input, globalThis.location?.origin).pathname;
      const first = (init?.method ?? "GET") === "GET" ? await early(path) : null;
      // No answer is thrown by fetch, which the client passes on; every form would wait for ever.
      return first ?? fetch(input, init).catch(() => new Response(null, { status: 503 }));
    },
  },
});

/** Whether the browser has kept the session's cookie: some keep none. No answer is no reason to doubt it. */
export async function hasSession(): Promise<boolean> {
  const { data, error } = await authClient.getSession();
  return data !== null || error !== null;
}

let held: { token: string; claims: Claims; end: number } | null = null;
let asking: Promise<string> | null = null;

let under = false;

/** Says that somebody begins to leave, or that they stay after all; meanwhile nothing is asked for in their name. */
export const leaving = (is: boolean): void => void (under = is);

/** Whether somebody is leaving: then a session that is over is no reason to ask for a new one. */
export const isLeaving = (): boolean => under;

/** The token for a call, asked for anew when it has less than a minute left. Many callers share one question. */
export async function token(): Promise<string> {
  if (under) throw new NoConnection();
  if (held && !isStale(held.end)) return held.token;
  asking ??= ask().finally(() => (asking = null));
  return asking;
}

async function ask(): Promise<string> {
  let answer: Response;
  try {
    const path = "/api/auth/token";
    answer = (await early(path)) ?? (await fetch(path, { credentials: "same-origin", headers: { Accept: "application/json" } }));
  } catch {
    throw new NoConnection();
  }
  if (answer.status === 401) {
    dropToken();
    throw new SignedOut();
  }
  if (!answer.ok) throw new NoConnection();
  const { token } = (await answer.json()) as { token: string };
  const claims = claimsOf(token);
  if (claims.iat !== undefined) tellClock(claims.iat * 1000);
  held = { token, claims, end: endOf(claims) };
  return token;
}

/** How long the token that is held lives on, in milliseconds; 0 without one. */
export const tokenLeft = (): number => (held ? Math.max(0, held.end - Date.now()) : 0);

/** Forgets the token: at sign-out, and when somebody answered 401 to it. */
export function dropToken(): void {
  held = null;
}

/** The zone that the token names, once there is one. */
export const tokenZone = (): string | null => held?.claims.time_zone ?? null;
