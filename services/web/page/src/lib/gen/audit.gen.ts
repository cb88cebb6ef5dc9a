/** The trail's shapes, by hand until services/audit/openapi.yaml is there; `npm run types` then replaces this file. */
export interface paths {
  "/api/{user_id}/audit-logs": {
    get: {
      parameters: {
        query?: { task_id?: string; event_type?: string; from?: string; to?: string; cursor?: string; limit?: number };
        header?: never;
        path: { user_id: string };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: { "application/json": { audit_logs: components["schemas"]["AuditLog"][]; next_cursor: string | null } };
        };
      };
    };
  };
}

export interface components {
  schemas: {
    AuditLog: {
      event_id: string;
      event_type: string;
      user_id: string;
      actor: { type: "user" | "agent" | "system"; name: string | null };
      source: string;
      task_id: string | null;
      version: number | null;
      details: { before?: Record<string, unknown> | null; after?: Record<string, unknown> | null; changed?: string[] | null };
      request_id: string | null;
      timestamp: string;
    };
  };
}
