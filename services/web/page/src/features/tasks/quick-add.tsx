/** The line at the top: type, Enter, and the next one. What was typed stays when it cannot be taken. */
import { useId, useState, type Ref, type SubmitEvent } from "react";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { inputClass } from "~/ui/field";
import { useDeeds } from "./deeds";
import { longestTitle } from "./title-edit";

export function QuickAdd({ ref }: { ref?: Ref<HTMLInputElement> }) {
  const deeds = useDeeds();
  const id = useId();
  const [title, setTitle] = useState("");
  const tooLong = [...title.trim()].length > longestTitle;

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const wanted = title.trim();
    if (!wanted || tooLong) return;
    deeds.add(wanted);
    setTitle("");
  }

  return (
    <form onSubmit={submit} className="no-print flex flex-col gap-1">
      <div className="flex gap-2">
        <label htmlFor={id} className="sr-only">
          {text.tasks.add}
        </label>
        <input
          ref={ref}
          id={id}
          data-quick-add
          value={title}
          onChange={(e) => setTitle(e.target.value)}
          placeholder={text.tasks.placeholder}
          autoComplete="off"
          enterKeyHint="done"
          aria-invalid={tooLong || undefined}
          aria-describedby={tooLong ? id + "-error" : undefined}
          className={inputClass}
        />
        <Button kind="main" type="submit">
          {text.tasks.addButton}
        </Button>
      </div>
      {tooLong && (
        <p id={id + "-error"} role="alert" className="text-meta text-overdue">
          {text.tasks.tooLong}
        </p>
      )}
    </form>
  );
}
