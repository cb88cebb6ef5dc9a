/** The API's shapes, by hand until services/api/openapi.yaml is there; `npm run types` then replaces this file. */
type Json<T> = { content: { "application/json": T } };
type Person = { user_id: string };
type One = Person & { id: string };
type Call<P, R, B = never, Q = never, S extends number = 200> = {
  parameters: { query?: Q; header?: never; path: P; cookie?: never };
  responses: { [status in S]: { headers: Record<string, unknown> } & Json<R> };
} & ([B] extends [never] ? { requestBody?: never } : { requestBody: Json<B> });
type S = components["schemas"];
type Act = Call<One, S["Task"]>;

export interface paths {
  "/api/{user_id}/tasks": {
    get: Call<Person, { tasks: S["Task"][]; total?: number | null; next_cursor: string | null }, never, { [name: string]: unknown }>;
    post: Call<Person, S["Task"], S["NewTask"], never, 201>;
  };
  "/api/{user_id}/tasks/{id}": {
    get: Call<One, S["Task"]>;
    patch: Call<One, S["Task"], S["TaskPatch"]>;
    delete: Call<One, never, never, never, 204>;
  };
  "/api/{user_id}/tasks/{id}/complete": { post: Act };
  "/api/{user_id}/tasks/{id}/reopen": { post: Act };
  "/api/{user_id}/tasks/{id}/restore": { post: Act };
  "/api/{user_id}/tasks/{id}/skip": { post: Act };
  "/api/{user_id}/sync": {
    get: Call<Person, S["Sync"], never, { sync_token?: string }>;
  };
}

export interface components {
  schemas: {
    Priority: "low" | "normal" | "high" | "critical";
    RecurrenceRule: { rrule: string; anchor: "due_date" | "completion"; text: string; frequency?: string; interval?: number };
    Reminder: {
      id: string;
      minutes_before?: number | null;
      remind_at: string;
      status: "scheduled" | "sent" | "failed" | "cancelled" | "missed";
      sent_at: string | null;
      channels: string[] | null;
    };
    Task: {
      id: string;
      user_id: string;
      title: string;
      description: string;
      completed: boolean;
      completed_at: string | null;
      priority: S["Priority"];
      tags: string[];
      due_date: string | null;
      due_at: string | null;
      time_zone: string | null;
      recurrence_rule: S["RecurrenceRule"] | null;
      reminders: S["Reminder"][];
      series_id: string | null;
      version: number;
      created_at: string;
      updated_at: string;
      deleted_at: string | null;
    };
    NewTask: { title: string; description?: string; priority?: S["Priority"]; tags?: string[]; due_date?: string | null; recurrence_rule?: unknown; reminders?: unknown[] };
    TaskPatch: Partial<S["NewTask"]> & { completed?: boolean };
    Sync: { full: boolean; tasks: S["Task"][]; sync_token: string; has_more: boolean };
  };
}
