/** Identity's shapes, by hand until its openapi.yaml names them; `npm run types` then replaces this file. */
type Answer<T> = { headers: Record<string, unknown>; content: { "application/json": T } };
type Of<P> = { query?: never; header?: never; path: P; cookie?: never };
type Person = { user_id: string };

export interface paths {
  "/api/{user_id}/settings": {
    get: { parameters: Of<Person>; requestBody?: never; responses: { 200: Answer<components["schemas"]["Settings"]> } };
    patch: {
      parameters: Of<Person>;
      requestBody: { content: { "application/json": Partial<components["schemas"]["Settings"]> } };
      responses: { 200: Answer<components["schemas"]["Settings"]> };
    };
  };
  "/api/{user_id}/tokens": {
    get: { parameters: Of<Person>; requestBody?: never; responses: { 200: Answer<{ tokens: components["schemas"]["ApiToken"][] }> } };
    post: {
      parameters: Of<Person>;
      requestBody: { content: { "application/json": { name: string; scopes: string[]; expires_at?: string } } };
      responses: { 201: Answer<components["schemas"]["ApiToken"] & { token: string }> };
    };
  };
  "/api/{user_id}/tokens/{id}": {
    delete: { parameters: Of<Person & { id: string }>; requestBody?: never; responses: { 204: { headers: Record<string, unknown>; content?: never } } };
  };
}

export interface components {
  schemas: {
    Settings: { time_zone: string; locale: string; week_start: "monday" | "sunday" };
    ApiToken: { id: string; name: string; scopes: string[]; expires_at: string | null };
  };
}
