/** A tag as a whole: renamed in every task that has it, or taken off them all. Both are one step back. */
import { useState, type SubmitEvent } from "react";
import type { Task } from "~/lib/api";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { Field } from "~/ui/field";
import { useLive } from "./context";
import { useDeeds } from "./deeds";
import { sameTag } from "./facts";
import { cleanTag, longestTag } from "./tag-input";

const words = text.tasks.tag;

interface WholeTagProps {
  tag: string;
  onClose: () => void;
  /** It has another name now; null where it is gone. */
  onDone: (tag: string | null) => void;
}

export function WholeTag({ tag, onClose, onDone }: WholeTagProps) {
  const deeds = useDeeds();
  const { store } = useLive();
  const [typed, setTyped] = useState(tag);
  const wanted = cleanTag(typed);
  const tasks = [...store.read().tasks.values()].filter((t) => !t.deleted_at && t.tags.some((had) => sameTag(had, tag)));

  function give(to: string | null): void {
    onClose();
    deeds.update(tasks, (task) => ({ tags: retagged(task, tag, to) }));
    onDone(to);
  }

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    if (wanted === "" || [...wanted].length > longestTag) return;
    if (wanted === tag) onClose();
    else give(wanted);
  }

  return (
    <Dialog title={`#${tag}`} onClose={onClose} narrow>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <Field
          label={words.name}
          value={typed}
          required
          data-first
          autoCapitalize="none"
          onChange={(e) => setTyped(e.target.value)}
          error={[...wanted].length > longestTag ? words.tooLong : undefined}
        />
        <p className="flex flex-wrap gap-3">
          <Button kind="main" type="submit">
            {words.rename(tasks.length)}
          </Button>
          <Button onClick={() => give(null)}>{words.remove(tasks.length)}</Button>
        </p>
      </form>
    </Dialog>
  );
}

/** The tags of a task with one renamed where it stands, or without it; one that it has already is not doubled. */
export function retagged(task: Pick<Task, "tags">, tag: string, to: string | null): string[] {
  const tags = to === null ? task.tags.filter((t) => !sameTag(t, tag)) : task.tags.map((t) => (sameTag(t, tag) ? to : t));
  return tags.filter((t, i) => tags.findIndex((other) => sameTag(other, t)) === i);
}
