/** What one can do to a task: it shows at once, says what happened, and can be taken back. */
import { useMemo } from "react";
import { usePerson } from "~/features/account/person";
import { useSays, type Says } from "~/features/shell/says";
import type { Task, TaskPatch } from "~/lib/api";
import { dueWords } from "~/lib/time";
import { text } from "~/text/en";
import { useLive } from "./context";
import type { Live } from "./live";

export interface Deeds {
  complete: (task: Task) => void;
  reopen: (task: Task) => void;
  update: (task: Task, patch: TaskPatch) => void;
  remove: (task: Task) => void;
  restore: (task: Task) => void;
  skip: (task: Task) => void;
}

export function useDeeds(): Deeds {
  const live = useLive();
  const says = useSays();
  const { timeZone } = usePerson();
  return useMemo(() => deedsOf(live, says, timeZone), [live, says, timeZone]);
}

function deedsOf(live: Live, says: Says, zone: string): Deeds {
  const act = (task: Task, type: "complete" | "reopen" | "delete" | "restore" | "skip") => live.do(task.id, { type });

  /** Says what happened; of a series, adds when it comes again as soon as that is known. */
  function sayDone(task: Task, words: string, undo?: () => void): void {
    const id = says.say({ words, undo });
    if (!task.series_id) return;
    live.nextOf.wait(task.series_id, (next) => {
      const due = dueWords(next, new Date(), zone);
      if (due) says.amend(id, text.did.withNext(words, due.short));
    });
  }

  return {
    update: (task, patch) => void live.do(task.id, { type: "update", patch }),
    complete: (task) => {
      act(task, "complete");
      sayDone(task, text.did.completed(task.title), () => act(task, "reopen"));
    },
    skip: (task) => {
      act(task, "skip");
      sayDone(task, text.did.skipped(task.title));
    },
    reopen: (task) => {
      act(task, "reopen");
      says.say({ words: text.did.reopened(task.title), undo: () => act(task, "complete") });
    },
    remove: (task) => {
      act(task, "delete");
      says.say({ words: text.did.deleted(task.title), undo: () => act(task, "restore") });
    },
    restore: (task) => {
      act(task, "restore");
      says.say({ words: text.did.restored(task.title) });
    },
  };
}
