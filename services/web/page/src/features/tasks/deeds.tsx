/** What one can do to tasks, one or many: it shows at once, says what happened, and can be taken back. */
import { createContext, use, useMemo, type ReactNode } from "react";
import { usePerson } from "~/features/account/person";
import { useSays, type Says } from "~/features/shell/says";
import { useUndo } from "~/features/trail/undo";
import type { NewTask, Task, TaskPatch, Undo } from "~/lib/api";
import { dueClock, dueWords } from "~/lib/time";
import { uuid7 } from "~/lib/uuid";
import { text } from "~/text/en";
import type { Command, Deed } from "./command";
import { useLive } from "./context";
import type { Live } from "./live";
import { before, sayPatch } from "./patch-words";

type Some = Task | readonly Task[];
const all = (some: Some): readonly Task[] => (Array.isArray(some) ? (some as readonly Task[]) : [some as Task]);

export interface Deeds {
  add: (deed: Extract<Deed, { type: "add" }>) => void;
  /** Adds many at once. */
  addAll: (tasks: readonly NewTask[]) => void;
  complete: (tasks: Some) => void;
  reopen: (tasks: Some) => void;
  update: (tasks: Some, patch: TaskPatch | ((task: Task) => TaskPatch)) => void;
  /** Moves to a day, each at its own time of day; null takes the date away, and what hangs on it. */
  move: (tasks: Some, day: string | null) => void;
  remove: (tasks: Some) => void;
  restore: (tasks: Some) => void;
  skip: (task: Task) => void;
}

const DeedsContext = createContext<Deeds | null>(null);

export function useDeeds(): Deeds {
  const deeds = use(DeedsContext);
  if (!deeds) throw new Error("useDeeds outside of the shell");
  return deeds;
}

/** Makes the deeds once: every row has them. */
export function DeedsProvider({ children }: { children: ReactNode }) {
  const live = useLive();
  const says = useSays();
  const { timeZone } = usePerson();
  const { mutate: takeBack } = useUndo();
  const deeds = useMemo(() => deedsOf(live, says, timeZone, takeBack), [live, says, timeZone, takeBack]);
  return <DeedsContext value={deeds}>{children}</DeedsContext>;
}

/** Without a date there is nothing to repeat from or to be reminded of. */
export function undated(task: Task): TaskPatch {
  return { due_date: null, ...(task.recurrence_rule && { recurrence_rule: null }), ...(task.reminders.length > 0 && { reminders: [] }) };
}

function deedsOf(live: Live, says: Says, zone: string, takeBack: (undo: Undo) => void): Deeds {
  type Plain = "complete" | "reopen" | "delete" | "restore" | "skip";
  const act = (tasks: Some, type: Plain) => live.doAll(all(tasks).map((task) => [task.id, { type }]));
  const titles = (tasks: Some) => text.did.what(all(tasks).map((t) => t.title));

  /** Says what happened; of a series, adds when it comes again as soon as that is known. */
  function sayDone(tasks: Some, words: string, undo?: () => void): void {
    const id = says.say({ words, undo });
    const [task, ...more] = all(tasks);
    if (!task || more.length > 0) return;
    live.nextOf.wait(task.id, (next) => {
      const due = dueWords(next, new Date(), zone);
      if (due) says.amend(id, text.did.withNext(words, due.short));
    });
  }

  function update(tasks: Some, patch: TaskPatch | ((task: Task) => TaskPatch)): void {
    const patchOf = typeof patch === "function" ? patch : () => patch;
    const done = all(tasks).map((task) => ({ task, patch: patchOf(task), was: before(task, patchOf(task)) }));
    live.doAll(done.map(({ task, patch }) => [task.id, { type: "update", patch }]));
    const [first] = done;
    if (!first) return;
    const undo = () => live.doAll(done.map(({ task, was }) => [task.id, { type: "update", patch: was }]));
    const how = sayPatch(first.patch, new Date(), zone);
    says.say({ words: first.patch.title === undefined ? text.did.changed(how, titles(tasks)) : how, undo });
  }

  return {
    update,
    move: (tasks, day) =>
      update(tasks, (task) => {
        if (day === null) return undated(task);
        const clock = dueClock(task, task.time_zone ?? zone);
        return { due_date: clock ? `${day}T${clock}` : day };
      }),
    add: (deed) => {
      const made = live.do(uuid7(), deed);
      says.say({ words: sayAdded(made, zone), undo: () => live.do(made.taskId, { type: "delete" }) });
    },
    addAll: (tasks) => {
      const made = live.doAll(tasks.map((task) => [uuid7(), { type: "add", task }]));
      const undo = () => void live.doAll(made.map((c) => [c.taskId, { type: "delete" }]));
      says.say({ words: text.did.added(text.did.what(tasks.map((t) => t.title))), undo });
    },
    complete: (tasks) => {
      act(tasks, "complete");
      sayDone(tasks, text.did.completed(titles(tasks)), () => act(tasks, "reopen"));
    },
    skip: (task) => {
      const [command] = act(task, "skip");
      sayDone(task, text.did.skipped(titles(task)), command && !command.kept ? () => takeBack({ request_id: command.id }) : undefined);
    },
    reopen: (tasks) => {
      act(tasks, "reopen");
      says.say({ words: text.did.reopened(titles(tasks)), undo: () => act(tasks, "complete") });
    },
    remove: (tasks) => {
      act(tasks, "delete");
      says.say({ words: text.did.deleted(titles(tasks)), undo: () => act(tasks, "restore") });
    },
    restore: (tasks) => {
      act(tasks, "restore");
      says.say({ words: text.did.restored(titles(tasks)), undo: () => act(tasks, "delete") });
    },
  };
}

function sayAdded(made: Command, zone: string): string {
  if (made.type !== "add") return "";
  const { due_date: due } = made.task;
  const words = text.did.added(text.did.what([made.task.title]));
  return due ? text.did.with(words, sayPatch({ due_date: due }, new Date(), zone)) : words;
}
