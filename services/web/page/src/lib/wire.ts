/** Calls that wire-api.md fixes and no openapi.yaml names yet, by hand. What a service's own file names goes from here. */
import type { components } from "./gen/api.gen";

type Json<T> = { content: { "application/json": T } };
type Answer<T> = Json<T> & { headers: Record<string, unknown> };
type Path<P, Q = never> = { query?: Q; header?: never; path: P; cookie?: never };
type Person = { user_id: string };
type Task = components["schemas"]["Task"];

export interface Span {
  /** In Unicode code points of the text, the end excluded. */
  start: number;
  end: number;
  text: string;
  field: string;
  value: unknown;
}

export interface Parsed {
  task: Partial<components["schemas"]["NewTask"]> & { title: string };
  spans: Span[];
}

export interface Conversation {
  id: string;
  title: string;
  created_at: string;
  updated_at: string;
}

export interface KeptMessage {
  id: string;
  role: "user" | "assistant" | "system";
  parts: unknown[];
  created_at: string;
}

export interface NoticeItem {
  id: string;
  kind: string;
  task_id: string | null;
  title: string;
  created_at: string;
  read_at: string | null;
}

export const channels = ["in_app", "email", "push", "sms", "webhook"] as const;
export type Channel = (typeof channels)[number];

export interface Preferences {
  channels: Record<string, Channel[]>;
  quiet_hours: { from: string; to: string; enabled: boolean };
  phone: string | null;
}

export interface Webhook {
  id: string;
  url: string;
  events: string[] | null;
  enabled?: boolean;
}

export interface Delivery {
  id: string;
  event_id: string;
  status: string;
  attempts: number;
  created_at: string;
}

export interface ImportReport {
  created: number;
  updated: number;
  skipped: number;
  problems: { line: number; field: string; value: string; detail: string }[];
}

export interface Stats {
  open: number;
  overdue: number;
  due_today: number;
  completed_today: number;
  by_day: { date: string; created: number; completed: number }[];
  by_priority: Record<string, number>;
  by_tag: { tag: string; open: number }[];
}

type Nothing = { headers: Record<string, unknown>; content?: never };
type One = Path<Person & { id: string }>;
type Get<R, Q = never> = { parameters: Path<Person, Q>; requestBody?: never; responses: { 200: Answer<R> } };
type Remove<P> = { parameters: P; requestBody?: never; responses: { 204: Nothing } };
type Page<Name extends string, T> = { [K in Name]: T[] } & { next_cursor: string | null };

interface Line {
  text: string;
  now?: string;
  time_zone?: string;
  locale?: string;
}

export interface paths {
  "/api/{user_id}/tasks/parse": {
    post: { parameters: Path<Person>; requestBody: Json<Line>; responses: { 200: Answer<Parsed> } };
  };
  "/api/{user_id}/tasks/quick": {
    post: {
      parameters: Path<Person>;
      requestBody: Json<Line & { ignore?: { start: number; end: number }[] }>;
      responses: { 201: Answer<{ task: Task; spans: Span[] }> };
    };
  };
  "/api/{user_id}/conversations": {
    get: {
      parameters: Path<Person, { cursor?: string; limit?: number }>;
      requestBody?: never;
      responses: { 200: Answer<{ conversations: Conversation[]; next_cursor: string | null }> };
    };
  };
  "/api/{user_id}/conversations/{id}": {
    get: { parameters: One; requestBody?: never; responses: { 200: Answer<Conversation & { messages: KeptMessage[] }> } };
    patch: { parameters: One; requestBody: Json<{ title: string }>; responses: { 200: Answer<Conversation> } };
    delete: { parameters: One; requestBody?: never; responses: { 204: Nothing } };
  };
  "/api/{user_id}/notices": { get: Get<Page<"notices", NoticeItem> & { unread: number }, { unread?: boolean; cursor?: string; limit?: number }> };
  "/api/{user_id}/notices/read": { post: { parameters: Path<Person>; requestBody?: never; responses: { 204: Nothing } } };
  "/api/{user_id}/notices/{id}/read": { post: { parameters: One; requestBody?: never; responses: { 204: Nothing } } };
  "/api/{user_id}/preferences": {
    get: Get<Preferences>;
    patch: { parameters: Path<Person>; requestBody: Json<Partial<Preferences>>; responses: { 200: Answer<Preferences> } };
  };
  "/api/{user_id}/push/key": { get: Get<{ key: string }> };
  "/api/{user_id}/push/subscriptions": {
    post: { parameters: Path<Person>; requestBody: Json<PushSubscriptionJSON>; responses: { 201: Nothing } };
    delete: { parameters: Path<Person>; requestBody: Json<{ endpoint: string }>; responses: { 204: Nothing } };
  };
  "/api/{user_id}/webhooks": {
    get: Get<Page<"webhooks", Webhook>>;
    post: { parameters: Path<Person>; requestBody: Json<{ url: string; events?: string[] }>; responses: { 201: Answer<Webhook & { secret: string }> } };
  };
  "/api/{user_id}/webhooks/{id}": { delete: Remove<One> };
  "/api/{user_id}/webhooks/{id}/deliveries": { get: { parameters: One; requestBody?: never; responses: { 200: Answer<Page<"deliveries", Delivery>> } } };
  "/api/{user_id}/webhooks/{id}/deliveries/{did}/replay": {
    post: { parameters: Path<Person & { id: string; did: string }>; requestBody?: never; responses: { 202: Nothing } };
  };
  "/api/{user_id}/stats": { get: Get<Stats> };
  "/api/{user_id}/calendar": {
    post: { parameters: Path<Person>; requestBody?: never; responses: { 201: Answer<{ url: string }> } };
    delete: Remove<Path<Person>>;
  };
}
