/** The title and the notes in the panel: written in place, kept when one goes elsewhere. */
import { useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import type { Task } from "~/lib/api";
import { text } from "~/text/en";
import { longestTitle } from "./title-edit";

const longestNotes = 10_000;

/** A draft that follows the task until somebody types, and then is theirs until it is kept. */
function useDraft(told: string) {
  const [draft, setDraft] = useState<string | null>(null);
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
  const draft = useDraft(task.title);
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
        className="w-full resize-none rounded-control bg-transparent px-1 text-title font-head hover:bg-hover"
      />
      {tooLong && (
        <span role="alert" className="text-meta text-overdue">
          {text.tasks.tooLong}
        </span>
      )}
    </span>
  );
}

export function NotesField({ task, onSave }: FieldProps) {
  const draft = useDraft(task.description);
  const area = useGrowing(draft.value);
  function keep() {
    if (draft.dirty) onSave(draft.value);
    draft.clear();
  }
  return (
    <label className="flex flex-col gap-1">
      <span className="text-meta font-strong text-quiet">{text.tasks.panel.notes}</span>
      <textarea
        ref={area}
        rows={3}
        value={draft.value}
        maxLength={longestNotes}
        placeholder={text.tasks.panel.notesPlaceholder}
        onChange={(e) => draft.set(e.target.value)}
        onBlur={keep}
        onKeyDown={(e) => {
          if (e.key === "Enter" && (e.metaKey || e.ctrlKey)) keep();
          if (e.key === "Escape" && draft.dirty) {
            e.preventDefault();
            keep();
          }
        }}
        className="resize-none rounded-control border border-line bg-transparent p-2"
      />
    </label>
  );
}
