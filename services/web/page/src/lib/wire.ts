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

type Nothing = { headers: Record<string, unknown>; content?: never };
type One = Path<Person & { id: string }>;

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
}
