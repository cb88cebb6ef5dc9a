/** The title and the notes in the panel: written in place, kept when one goes elsewhere. */
import { useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import { usePerson } from "~/features/account/person";
import type { Task } from "~/lib/api";
import { useDraft } from "~/lib/draft";
import { text } from "~/text/en";
import { IconButton } from "~/ui/button";
import { Markdown } from "~/ui/markdown";
import { longestTitle } from "./title-edit";

const longestNotes = 10_000;
const words = text.tasks.panel;

/** A draft that follows the task until somebody types, and then is theirs until it is kept. */
function useFieldDraft(task: Task, field: "title" | "description") {
  const { id: user } = usePerson();
  const [draft, setDraft] = useDraft(`${user}/${field}/${task.id}`);
  const told = task[field];
  return { value: draft ?? told, dirty: draft !== null && draft !== told, set: setDraft, clear: () => setDraft(null) };
}

/** Lets a text area be as high as its text. */
function useGrowing(value: string) {
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const el = area.current;
    if (!el) return;
    el.style.height = "auto";
    el.style.height = el.scrollHeight + "px";
  }, [value]);
  return area;
}

interface FieldProps {
  task: Task;
  onSave: (value: string) => void;
}

export function TitleField({ task, readOnly, onSave }: FieldProps & { readOnly: boolean }) {
  const draft = useFieldDraft(task, "title");
  const area = useGrowing(draft.value);
  const tooLong = [...draft.value.trim()].length > longestTitle;
  function keep() {
    const wanted = draft.value.trim().replace(/\s*\n\s*/g, " ");
    if (tooLong) return;
    if (draft.dirty && wanted && wanted !== task.title) onSave(wanted);
    draft.clear();
  }
  function key(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      keep();
    } else if (event.key === "Escape" && draft.dirty) {
      event.preventDefault();
      draft.clear();
    }
  }
  return (
    <span className="flex min-w-0 flex-1 flex-col">
      <textarea
        ref={area}
        rows={1}
        value={draft.value}
        readOnly={readOnly}
        aria-label={text.tasks.title}
        aria-invalid={tooLong || undefined}
        onChange={(e) => draft.set(e.target.value)}
        onBlur={keep}
        onKeyDown={key}
        className={`w-full resize-none overflow-hidden rounded-control bg-transparent px-1 text-title font-head hover:bg-hover max-sm:pt-2 ${task.completed ? "text-quiet line-through" : ""}`}
      />
      {tooLong && (
        <span role="alert" className="text-meta text-overdue">
          {text.tasks.tooLong}
        </span>
      )}
    </span>
  );
}

/** Notes are read as the little Markdown that they are, and written as text. */
export function NotesField({ task, readOnly, onSave }: FieldProps & { readOnly: boolean }) {
  const draft = useFieldDraft(task, "description");
  const [asked, setAsked] = useState(false);
  const writing = !readOnly && (asked || draft.dirty || task.description === "");
  return (
    <div className="flex flex-col gap-1">
      <div className="flex min-h-8 items-center justify-between">
        <span className="text-meta font-strong text-quiet">{words.notes}</span>
        {!writing && !readOnly && <IconButton icon="edit" label={words.editNotes} onClick={() => setAsked(true)} />}
      </div>
      {writing ? (
        <Writing draft={draft} onSave={onSave} asked={asked} onDone={() => setAsked(false)} />
      ) : (
        task.description && <Markdown source={task.description} {...(!readOnly && { onTick: onSave })} />
      )}
    </div>
  );
}

interface WritingProps {
  draft: ReturnType<typeof useFieldDraft>;
  /** Whether somebody asked to write: then the keyboard goes there. */
  asked: boolean;
  onSave: (value: string) => void;
  onDone: () => void;
}

function Writing({ draft, asked, onSave, onDone }: WritingProps) {
  const area = useGrowing(draft.value);
  function keep() {
    if (draft.dirty) onSave(draft.value);
    draft.clear();
    onDone();
  }
  return (
    <>
      <textarea
        ref={area}
        rows={3}
        value={draft.value}
        maxLength={longestNotes}
        aria-label={words.notes}
        placeholder={words.notesPlaceholder}
        autoFocus={asked} // eslint-disable-line jsx-a11y/no-autofocus -- it was asked for a moment ago
        onChange={(e) => draft.set(e.target.value)}
        onBlur={keep}
        onKeyDown={(e) => {
          if ((e.key === "Enter" && (e.metaKey || e.ctrlKey)) || (e.key === "Escape" && (draft.dirty || asked))) {
            e.preventDefault();
            e.currentTarget.blur();
          }
        }}
        className="resize-none rounded-control border border-line bg-transparent p-2"
      />
      <p className="text-meta text-quiet">{words.notesHint}</p>
    </>
  );
}
