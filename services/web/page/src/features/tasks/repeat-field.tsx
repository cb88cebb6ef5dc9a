/** How a task repeats, in words: what was understood and the next dates are shown before it is kept. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useId, useRef, useState } from "react";
import { usePerson } from "~/features/account/person";
import type { Task, TaskPatch } from "~/lib/api";
import { sayProblem } from "~/lib/problem";
import { dayOf, dueDay } from "~/lib/time";
import { text } from "~/text/en";
import { IconButton } from "~/ui/button";
import { Combo } from "~/ui/combo";
import { useSteady } from "~/ui/steady";
import { useNow } from "./context";
import { NextDates } from "./next-dates";
import { previewQuestion } from "./preview";

const RepeatSheet = lazy(() => import("./repeat-sheet").then((m) => ({ default: m.RepeatSheet })));
const words = text.tasks.repeat;

interface RepeatFieldProps {
  task: Task;
  onSave: (patch: TaskPatch) => void;
  onSkip: () => void;
}

export function RepeatField({ task, onSave, onSkip }: RepeatFieldProps) {
  const id = useId();
  const { id: user } = usePerson();
  const queries = useQueryClient();
  const now = useNow();
  const rule = task.recurrence_rule;
  const [typed, setTyped] = useState<string | null>(null);
  const [sheet, setSheet] = useState(false);
  const keeping = useRef(false);
  const today = dayOf(new Date(now.at), now.zone);
  const wanted = (typed ?? "").trim();
  const said = useSteady(wanted, 300);
  const question = (said: string) => previewQuestion({ user, rule: said, due: task.due_date ?? today, zone: task.time_zone });
  const preview = useQuery({ ...question(said || rule?.rrule || ""), enabled: said !== "" || rule !== null });
  const current = said === wanted;

  async function keep(line: string) {
    if (keeping.current) return; // Enter was first, and now the field is left
    if (line.trim() === "") {
      setTyped(null);
      if (rule) onSave({ recurrence_rule: null });
      return;
    }
    setTyped(line);
    keeping.current = true;
    const read = await queries.fetchQuery(question(line.trim())).catch(() => null);
    keeping.current = false;
    if (!read) return; // what was typed stays, and below it stands why it was not taken
    // A rule needs a date to count from: without one it begins with its own first.
    onSave({ recurrence_rule: line.trim(), ...(!task.due_date && { due_date: read.occurrences[0]?.slice(0, 10) ?? today }) });
    setTyped(null);
  }

  const examples = words.examples.filter((e) => e.includes(wanted.toLowerCase())).map((value) => ({ value }));
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-1">
      <div className="flex items-center gap-1">
        <Combo
          label={words.label}
          value={typed ?? rule?.text ?? ""}
          placeholder={words.placeholder}
          options={typed === null && rule ? [] : examples}
          onType={setTyped}
          onTake={(line) => void keep(line)}
          aria-invalid={(wanted !== "" && current && preview.isError) || undefined}
          aria-describedby={id + "-next"}
          onKeyDown={(e) => {
            if (e.key === "Enter" && typed?.trim() === "") {
              e.preventDefault();
              void keep("");
            }
            if (e.key === "Escape" && typed !== null) {
              e.preventDefault();
              setTyped(null);
            }
          }}
          onBlur={() => typed !== null && void keep(typed)}
          className="min-h-8 w-full rounded-control bg-transparent px-2 hover:bg-hover aria-invalid:border aria-invalid:border-overdue max-sm:min-h-touch"
        />
        <IconButton icon="fields" label={words.inFields} aria-haspopup="dialog" onClick={() => setSheet(true)} />
      </div>
      <div id={id + "-next"} className="px-2" aria-live="polite">
        {wanted !== "" && current && preview.isError && <p className="text-meta text-overdue">{sayProblem(preview.error)}</p>}
        {(wanted || rule) && current && preview.data && (
          <NextDates words={wanted ? preview.data.text : undefined} dates={preview.data.occurrences} today={today} />
        )}
      </div>
      {rule && !task.completed && dueDay(task, now.zone) && (
        <button
          type="button"
          onClick={onSkip}
          className="min-h-8 self-start rounded-control px-2 text-meta text-accent hover:bg-hover max-sm:min-h-touch"
        >
          {words.skip}
        </button>
      )}
      <Suspense fallback={null}>{sheet && <RepeatSheet task={task} onSave={onSave} onClose={() => setSheet(false)} />}</Suspense>
    </div>
  );
}
