/** Asks what pasted lines are meant to be: a task each, or one. */
import { useMemo } from "react";
import type { NewTask } from "~/lib/api";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { tasksOf } from "./many-lines";

const shown = 6;
const words = text.tasks.paste;

interface ManyLinesProps {
  pasted: string;
  onClose: () => void;
  onOne: (line: string) => void;
  onMany: (tasks: NewTask[]) => void;
}

export function ManyLines({ pasted, onClose, onOne, onMany }: ManyLinesProps) {
  const tasks = useMemo(() => tasksOf(pasted), [pasted]);
  const then = (act: () => void) => () => {
    onClose();
    act();
  };
  return (
    <Dialog title={words.title(tasks.length)} onClose={onClose}>
      <ul className="flex flex-col text-quiet">
        {tasks.slice(0, shown).map((task, i) => (
          <li key={i} className="min-w-0 truncate">
            {task.title}
          </li>
        ))}
        {tasks.length > shown && <li>{words.more(tasks.length - shown)}</li>}
      </ul>
      <p className="flex flex-wrap gap-3">
        <Button kind="main" data-first onClick={then(() => onMany(tasks))}>
          {words.many(tasks.length)}
        </Button>
        <Button onClick={then(() => onOne(pasted.replace(/\s*[\r\n]+\s*/g, " ").trim()))}>{words.one}</Button>
      </p>
    </Dialog>
  );
}
