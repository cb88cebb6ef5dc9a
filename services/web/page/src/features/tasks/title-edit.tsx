/** A title under the pen: Enter keeps, Escape leaves it as it was, going elsewhere keeps too. */
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import type { Task } from "~/lib/api";
import { text } from "~/text/en";

export const longestTitle = 200; // characters, as people count them

interface TitleEditProps {
  task: Task;
  className?: string;
  /** The new title, or null where it stays as it was. */
  onDone: (title: string | null) => void;
}

export function TitleEdit({ task, className = "", onDone }: TitleEditProps) {
  const [title, setTitle] = useState(task.title);
  const input = useRef<HTMLInputElement>(null);
  const over = useRef(false);
  const tooLong = [...title.trim()].length > longestTitle;

  useEffect(() => {
    const row = input.current?.closest("[data-task]");
    input.current?.select();
    return () => {
      // The keyboard goes back to the row, unless it has gone on by itself.
      if (document.activeElement === document.body) row?.querySelector<HTMLElement>("[data-row]")?.focus();
    };
  }, []);

  function done(keep: boolean) {
    if (over.current) return;
    const wanted = title.trim();
    if (keep && tooLong) return;
    over.current = true;
    onDone(keep && wanted !== "" && wanted !== task.title ? wanted : null);
  }

  function key(event: KeyboardEvent) {
    if (event.key === "Enter" && !event.nativeEvent.isComposing) done(true);
    if (event.key === "Escape") {
      event.stopPropagation();
      done(false);
    }
  }

  return (
    <span className={`flex min-w-0 flex-1 basis-side flex-col ${className}`}>
      <input
        ref={input}
        value={title}
        aria-label={text.tasks.title}
        aria-invalid={tooLong || undefined}
        aria-describedby={tooLong ? "title-too-long" : undefined}
        onChange={(e) => setTitle(e.target.value)}
        onBlur={() => done(true)}
        onKeyDown={key}
        className="min-h-8 w-full rounded-control border border-mark bg-raised px-2 aria-invalid:border-overdue"
      />
      {tooLong && (
        <span id="title-too-long" role="alert" className="text-meta text-overdue">
          {text.tasks.tooLong}
        </span>
      )}
    </span>
  );
}
