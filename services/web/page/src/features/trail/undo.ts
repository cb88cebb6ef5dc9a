/** Taking back what is on the trail: one change, an agent's whole turn, or simply the last. */
import { useMutation } from "@tanstack/react-query";
import { useSays } from "~/features/shell/says";
import { usePerson } from "~/features/account/person";
import { useLive } from "~/features/tasks/context";
import { api, named, take, type Entry, type Undo } from "~/lib/api";
import { Problem, sayProblem } from "~/lib/problem";
import { uuid7 } from "~/lib/uuid";
import { text } from "~/text/en";

const undoable = ["task.created", "task.updated", "task.completed", "task.reopened", "task.deleted", "task.restored", "task.skipped"];
const keptFor = 30 * 86_400_000; // ms; what a change was before is kept for 30 days

/** Whether an entry can be taken back: what a person or their agent did to a task, not what the system did. */
export const canUndo = (entry: Entry, now: number): boolean =>
  undoable.includes(entry.event_type) && entry.actor.type !== "system" && now - Date.parse(entry.timestamp) < keptFor;

export function useUndo() {
  const { id: user } = usePerson();
  const live = useLive();
  const { say } = useSays();
  return useMutation({
    mutationFn: (body: Undo) =>
      take(api.POST("/api/{user_id}/undo", { params: { path: { user_id: user } }, headers: named(uuid7()), body })),
    onSuccess: ({ tasks }) => {
      for (const task of tasks) {
        live.store.hold(task.id);
        live.told(task);
      }
      say({ words: tasks.length === 1 && tasks[0] ? text.did.undone(tasks[0].title) : text.did.undoneMany(tasks.length) });
    },
    onError: (err) => say({ words: err instanceof Problem && err.status === 409 ? text.problem.later : sayProblem(err) }),
  });
}
