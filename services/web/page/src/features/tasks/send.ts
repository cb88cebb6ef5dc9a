/** One command as a call to the API. Sent again under the same id it has no second effect. */
import { api, named, take, type Task } from "~/lib/api";
import { Problem } from "~/lib/problem";
import { dateLocale } from "~/lib/time";
import type { Command } from "./command";

/** The task after the command; null where it is gone for good. */
export async function send(user: string, command: Command, zone: string): Promise<Task | null> {
  const headers = named(command.id);
  const path = { user_id: user, id: command.taskId };
  switch (command.type) {
    case "add":
      if (command.line) return quick(user, command.line, command, zone);
      return take(api.POST("/api/{user_id}/tasks", { params: { path: { user_id: user } }, headers, body: command.task }));
    case "update":
      return take(api.PATCH("/api/{user_id}/tasks/{id}", { params: { path }, headers, body: command.patch }));
    case "complete":
      return take(api.POST("/api/{user_id}/tasks/{id}/complete", { params: { path }, headers }));
    case "reopen":
      return take(api.POST("/api/{user_id}/tasks/{id}/reopen", { params: { path }, headers }));
    case "restore":
      return take(api.POST("/api/{user_id}/tasks/{id}/restore", { params: { path }, headers }));
    case "skip":
      return take(api.POST("/api/{user_id}/tasks/{id}/skip", { params: { path }, headers }));
    case "delete":
      await take(api.DELETE("/api/{user_id}/tasks/{id}", { params: { path }, headers }));
      return read(user, command.taskId); // a 204 does not say which version lies in the trash now
  }
}

type Line = NonNullable<Extract<Command, { type: "add" }>["line"]>;

/** Adds a task by a line. "Tomorrow" is counted from when it was typed, however long there was no connection. */
async function quick(user: string, line: Line, command: Command, zone: string): Promise<Task> {
  const { task } = await take(
    api.POST("/api/{user_id}/tasks/quick", {
      params: { path: { user_id: user } },
      headers: named(command.id),
      body: { text: line.text, ignore: line.ignore, now: command.at, time_zone: zone, locale: dateLocale() },
    }),
  );
  return task;
}

/** A task as it is now, also from the trash; null where there is none. */
export async function read(user: string, id: string): Promise<Task | null> {
  try {
    return await take(api.GET("/api/{user_id}/tasks/{id}", { params: { path: { user_id: user, id } } }));
  } catch (err) {
    if (err instanceof Problem && err.status === 404) return null;
    throw err;
  }
}

export type Result = { task: Task } | { gone: true } | { refused: Problem };

/** What was done without a connection, in one call. The answers are in the order of the commands. */
export async function sendKept(
  user: string,
  since: string | null,
  commands: readonly Command[],
  versionOf: (id: string) => number | undefined,
): Promise<Result[]> {
  const body = {
    commands: commands.map((c) => ({
      id: c.id,
      type: `task.${c.type}` as const,
      task_id: c.taskId,
      base_version: versionOf(c.taskId) ?? null,
      args: (c.type === "add" ? c.task : c.type === "update" ? c.patch : null) as Record<string, never> | null,
    })),
  };
  const ask = (sync_token: string | null) =>
    take(api.POST("/api/{user_id}/sync", { params: { path: { user_id: user } }, body: { sync_token, ...body } }));
  const { results } = await ask(since).catch((err: unknown) => {
    // A token that the service no longer knows says nothing against the commands.
    if (since && err instanceof Problem && err.status === 422) return ask(null);
    throw err;
  });
  return commands.map((c) => {
    const result = results.find((r) => r.id === c.id);
    if (result?.task) return { task: result.task };
    if (!result || result.status === "not_found") return { gone: true };
    return { refused: new Problem(422, result.error ?? {}) };
  });
}
