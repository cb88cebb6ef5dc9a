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
      if (command.line) {
        try {
          return await quick(user, command.line, command, zone);
        } catch (err) {
          if (!unread(err)) throw err;
        }
      }
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

/** Whether the service does not read lines yet: then the task is added as it was understood here. */
const unread = (err: unknown): boolean => err instanceof Problem && (err.status === 404 || err.status === 405);

/** A task as it is now, also from the trash; null where there is none. */
export async function read(user: string, id: string): Promise<Task | null> {
  try {
    return await take(api.GET("/api/{user_id}/tasks/{id}", { params: { path: { user_id: user, id } } }));
  } catch (err) {
    if (err instanceof Problem && err.status === 404) return null;
    throw err;
  }
}
