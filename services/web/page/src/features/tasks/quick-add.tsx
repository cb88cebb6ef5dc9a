/**
 * The line at the top: type it the way one says it, see what was understood, take a part back, Enter, and the next one.
 * A line that could not be taken comes back into the field; one that is not finished is still there after a reload.
 */
import { useEffect, useId, useRef, useState, type ClipboardEvent, type Ref, type SubmitEvent } from "react";
import { usePerson } from "~/features/account/person";
import type { NewTask, Parsed, Span } from "~/lib/api";
import { useDraft } from "~/lib/draft";
import { dayOf, dayWords, isDay } from "~/lib/time";
import { text } from "~/text/en";
import { inputClass, inputShape } from "~/ui/field";
import { Icon } from "~/ui/icon";
import { floating, markedId, Options } from "~/ui/options";
import type { Deed } from "./command";
import { useLive, useNow, useSnapshot } from "./context";
import { useDeeds } from "./deeds";
import { ManyLines } from "./many-lines-sheet";
import { tasksOf } from "./many-lines";
import type { Now } from "./select";
import { useTagHint } from "./tag-hint";
import { longestTitle } from "./title-edit";
import { pieces, useUnderstood, without } from "./understood";

const words = text.tasks.quick;
const longestLine = 1000; // characters; what is left after dates and tags must fit into a title

/** What the list implies of a new task: on Today it is due today, on a tag's list it has the tag. */
export interface Implied {
  due_date?: string;
  tags?: string[];
}

export function QuickAdd({ implied }: { implied: Implied }) {
  const live = useLive();
  const deeds = useDeeds();
  const { id: user } = usePerson();
  const returned = useSnapshot((s) => s.returned);
  const id = useId();
  const [kept, setLine] = useDraft(`${user}/quick`);
  const line = kept ?? "";
  const [caret, setCaret] = useState<number | null>(null);
  const [pasted, setPasted] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const marks = useRef<HTMLDivElement>(null);
  const understood = useUnderstood(line);
  const hint = useTagHint(line, caret, field, (line) => {
    setLine(line);
    setCaret(null);
  });
  const now = useNow();
  const wanted = line.trim();
  const title = understood.parsed?.task.title ?? wanted;
  const tooLong = [...title].length > longestTitle || [...line].length > longestLine;

  useEffect(() => {
    if (returned === null) return;
    if (!line) setLine(returned);
    live.store.set({ returned: null });
  }, [returned, live, line, setLine]);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!wanted || tooLong) return;
    const { parsed, ignored } = understood;
    setLine(null);
    setCaret(null);
    understood.reset();
    deeds.add(deedOf(line, parsed ?? (await understood.ask(line)), ignored, implied));
  }

  function paste(event: ClipboardEvent<HTMLInputElement>) {
    const text = event.clipboardData.getData("text/plain");
    if (tasksOf(text).length < 2) return;
    event.preventDefault();
    setPasted(text);
  }

  return (
    // While one types it stands at the top of what is seen, so that nobody loses their place in a long list.
    <form
      onSubmit={(e) => void submit(e)}
      className="no-print -my-2 flex flex-col py-2 focus-within:sticky focus-within:top-0 focus-within:z-20 focus-within:bg-paper"
    >
      <label htmlFor={id} className="sr-only">
        {text.tasks.add}
      </label>
      <div className="relative">
        <Marks ref={marks} line={line} spans={understood.spans} />
        <input
          ref={field}
          id={id}
          data-quick-add
          value={line}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={hint.options.length > 0}
          aria-controls={id + "-tags"}
          aria-activedescendant={markedId(id + "-tags", hint.options, hint.at)}
          onChange={(e) => {
            setLine(e.target.value);
            setCaret(e.target.selectionStart);
          }}
          onKeyDown={(e) => {
            if (!hint.key(e) && e.key === "Escape") e.currentTarget.blur();
          }}
          onBlur={() => setCaret(null)}
          onPaste={paste}
          placeholder={text.tasks.placeholder}
          autoComplete="off"
          enterKeyHint="done"
          aria-invalid={tooLong || undefined}
          aria-describedby={id + "-error"}
          onScroll={(e) => marks.current?.scrollTo({ left: e.currentTarget.scrollLeft })}
          className={`${inputShape} relative bg-transparent pr-12`}
        />
        <button
          type="submit"
          aria-label={text.tasks.addButton}
          title={text.tasks.addButton}
          className={`absolute inset-y-1 right-1 inline-flex w-8 items-center justify-center rounded-control max-sm:w-row ${wanted ? "bg-accent text-on-accent" : "text-quiet"}`}
        >
          <Icon name="plus" />
        </button>
        <Options
          id={id + "-tags"}
          options={hint.options}
          at={hint.at}
          onTake={hint.take}
          className={`${floating} left-0 w-side max-w-full`}
        />
      </div>
      <p role="status" className="sr-only">
        {understood.spans.map((span) => `${fieldOf(span)}: ${sayValue(span, understood.told, now)}.`).join(" ")}
      </p>
      {understood.spans.length > 0 && (
        <div className="flex flex-wrap gap-1 pt-2">
          {understood.spans.map((span) => (
            <Chip
              key={`${span.start}-${span.field}`}
              what={fieldOf(span)}
              value={sayValue(span, understood.told, now)}
              part={span.text}
              onIgnore={() => understood.ignore(span)}
            />
          ))}
        </div>
      )}
      <p id={id + "-error"} role="alert" className="text-meta text-overdue">
        {tooLong && text.tasks.tooLong}
      </p>
      {pasted !== null && (
        <ManyLines
          pasted={pasted}
          onClose={() => setPasted(null)}
          onOne={(one) => setLine((line + one).slice(0, longestLine))}
          onMany={(tasks) => deeds.addAll(tasks.map((task) => ({ ...task, ...implied })))}
        />
      )}
    </form>
  );
}

/** The line as a command: read by the service, unless the list adds to what it says. */
function deedOf(line: string, parsed: Parsed | null, ignored: readonly Span[], implied: Implied): Extract<Deed, { type: "add" }> {
  const task: NewTask = !parsed ? { title: line.trim() } : ignored.length === 0 ? parsed.task : without(line, parsed, ignored);
  const adds = (implied.due_date && !task.due_date) || implied.tags;
  if (adds && parsed) {
    const tags = [...new Set([...(task.tags ?? []), ...(implied.tags ?? [])])];
    return { type: "add", task: { ...task, tags, ...(implied.due_date && { due_date: task.due_date ?? implied.due_date }) } };
  }
  return { type: "add", task, line: { text: line, ignore: ignored.map(({ start, end }) => ({ start, end })) } };
}

/** The same text behind the field, with what was understood underlaid. */
function Marks({ line, spans, ref }: { line: string; spans: readonly Span[]; ref: Ref<HTMLDivElement> }) {
  return (
    <div ref={ref} aria-hidden="true" className={`${inputClass} absolute inset-0 flex items-center overflow-hidden pr-12 whitespace-pre`}>
      <span className="text-transparent">
        {pieces(line, spans).map((p, i) => (
          <span key={i} className={p.span ? "rounded-control bg-accent-soft" : ""}>
            {p.text}
          </span>
        ))}
      </span>
    </div>
  );
}

const fieldOf = (span: Span): string => words.fields[span.field as keyof typeof words.fields] ?? span.field;

interface ChipProps {
  what: string;
  value: string;
  /** The words of the line that say it. */
  part: string;
  onIgnore: () => void;
}

function Chip({ what, value, part, onIgnore }: ChipProps) {
  return (
    <span className="inline-flex items-center rounded-control bg-accent-soft pl-2 text-meta">
      {what}: {value}
      <button
        type="button"
        aria-label={words.ignore(part)}
        title={words.ignore(part)}
        onClick={onIgnore}
        className="inline-flex size-6 items-center justify-center rounded-control text-quiet hover:text-ink max-sm:size-row"
      >
        <Icon name="close" small />
      </button>
    </span>
  );
}

/** What a part was understood as: dates and repeats in words, the rest as the service says it. */
function sayValue(span: Span, parsed: Parsed | null, now: Now): string {
  const { value } = span;
  if (span.field === "due_date") {
    const day = dayWords(value.slice(0, 10), dayOf(new Date(now.at), now.zone));
    return isDay(value) ? day : `${day} ${value.slice(11, 16)}`;
  }
  if (span.field === "priority") return text.tasks.priority[value as keyof typeof text.tasks.priority] ?? span.text;
  if (span.field === "recurrence_rule") return parsed?.task.recurrence_rule?.text ?? span.text;
  return value || span.text;
}
