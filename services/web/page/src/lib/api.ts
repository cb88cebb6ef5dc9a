/**
 * Calls to the services, typed from their openapi.yaml. Each carries the token and says that it comes from the page;
 * whatever goes wrong is thrown as a Problem, NoConnection or SignedOut.
 */
import createClient from "openapi-fetch";
import { dropToken, token } from "./auth";
import type { components, paths as Api } from "./gen/api.gen";
import type { components as trail, paths as Audit } from "./gen/audit.gen";
import type { components as chat, paths as Chat } from "./gen/chat.gen";
import type { components as notification, paths as Notification } from "./gen/notification.gen";
import type { components as identity, paths as Identity } from "./gen/identity.gen";
import { NoConnection, problemOf, SignedOut } from "./problem";

export type Task = components["schemas"]["Task"];
export type NewTask = components["schemas"]["NewTask"];
export type TaskPatch = components["schemas"]["TaskPatch"];
export type Sync = components["schemas"]["Delta"];
export type Parsed = components["schemas"]["ParsedText"];
export type Span = components["schemas"]["Span"];
export type Stats = components["schemas"]["Stats"];
export type Undo = components["schemas"]["Undo"];
export type Priority = Task["priority"];
export type Reminder = Task["reminders"][number];
export type Settings = identity["schemas"]["Settings"];
export type ApiToken = identity["schemas"]["APIToken"];
export type NoticeItem = notification["schemas"]["Notice"];
export type Preferences = notification["schemas"]["Preferences"];
export type PreferencesPatch = notification["schemas"]["PreferencesPatch"];
export type Channel = notification["schemas"]["Channel"];
export type Webhook = notification["schemas"]["Webhook"];
export type Entry = trail["schemas"]["AuditLog"];
export type Conversation = chat["schemas"]["Conversation"];
export type ImportReport = components["schemas"]["ImportReport"];

/** Sends with a fresh token. A 401 to it may be a token that a key rotation overtook: one more try, then it is over. */
async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const first = await once(request);
  if (first.status !== 401) return first;
  dropToken();
  const second = await once(again);
  if (second.status === 401) throw new SignedOut();
  return second;
}

async function once(request: Request): Promise<Response> {
  request.headers.set("Authorization", `Bearer ${await token()}`);
  request.headers.set("X-Tickler-Client", "web");
  try {
    return await fetch(request);
  } catch (err) {
    if (request.signal.aborted) throw err;
    throw new NoConnection();
  }
}

/** As `fetch`, with the token: for what reads a stream instead of an answer. */
export const fetchAsPerson = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => send(new Request(input, init));

export const api = createClient<Api & Audit & Chat & Identity & Notification>({
  baseUrl: globalThis.location?.origin ?? "",
  credentials: "omit", // the token alone speaks for the person, so there is nothing to forge
  fetch: send,
});

/** The data of an answer, or its problem thrown. */
export async function take<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw await problemOf(response, error);
  return data as T;
}

/** Names a call: sent twice it has one effect, and the feed's echo of it carries the same request id. */
export const named = (id: string) => ({ "Idempotency-Key": id, "X-Request-Id": id });
