/** Calls that wire-api.md fixes and no openapi.yaml names yet, by hand. What a service's own file names goes from here. */
type Json<T> = { content: { "application/json": T } };
type Answer<T> = Json<T> & { headers: Record<string, unknown> };
type Path<P, Q = never> = { query?: Q; header?: never; path: P; cookie?: never };
type Person = { user_id: string };

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

type Nothing = { headers: Record<string, unknown>; content?: never };
type One = Path<Person & { id: string }>;
type Get<R, Q = never> = { parameters: Path<Person, Q>; requestBody?: never; responses: { 200: Answer<R> } };
type Remove<P> = { parameters: P; requestBody?: never; responses: { 204: Nothing } };
type Page<Name extends string, T> = { [K in Name]: T[] } & { next_cursor: string | null };

export interface paths {
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
  "/api/{user_id}/webhooks": {
    get: Get<Page<"webhooks", Webhook>>;
    post: {
      parameters: Path<Person>;
      requestBody: Json<{ url: string; events?: string[] }>;
      responses: { 201: Answer<Webhook & { secret: string }> };
    };
  };
  "/api/{user_id}/webhooks/{id}": { delete: Remove<One> };
  "/api/{user_id}/webhooks/{id}/deliveries": {
    get: { parameters: One; requestBody?: never; responses: { 200: Answer<Page<"deliveries", Delivery>> } };
  };
  "/api/{user_id}/webhooks/{id}/deliveries/{did}/replay": {
    post: { parameters: Path<Person & { id: string; did: string }>; requestBody?: never; responses: { 202: Nothing } };
  };
  "/api/{user_id}/calendar": {
    post: { parameters: Path<Person>; requestBody?: never; responses: { 201: Answer<{ url: string }> } };
    delete: Remove<Path<Person>>;
  };
}
