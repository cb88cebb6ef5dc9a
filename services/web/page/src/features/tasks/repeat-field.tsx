/** How a task repeats, in words: what was understood and the next dates are shown before it is kept. */
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { usePerson } from "~/features/account/person";
import { api, take, type Task, type TaskPatch } from "~/lib/api";
import { sayProblem } from "~/lib/problem";
import { dayOf, dueDay, fullDay, dayWords } from "~/lib/time";
import { text } from "~/text/en";
import { useSteady } from "~/ui/steady";
import { useNow } from "./context";

const words = text.tasks.repeat;
const shownDates = 5;

interface RepeatFieldProps {
  task: Task;
  onSave: (patch: TaskPatch) => void;
  onSkip: () => void;
}

export function RepeatField({ task, onSave, onSkip }: RepeatFieldProps) {
  const id = useId();
  const now = useNow();
  const rule = task.recurrence_rule;
  const [typed, setTyped] = useState<string | null>(null);
  const said = (typed ?? "").trim();
  const today = dayOf(new Date(now.at), now.zone);
  const due = task.due_date ?? today;
  const preview = usePreview(said || rule?.rrule || "", due, task.time_zone);
  const understood = said === "" || (preview.isSuccess && preview.said === said);

  function keep() {
    if (typed === null) return;
    if (said === "") {
      if (rule) onSave({ recurrence_rule: null });
    } else if (preview.isSuccess && preview.said === said) {
      // A rule needs a date to count from: without one it begins with its own first.
      const first = task.due_date ? undefined : preview.data.occurrences[0]?.slice(0, 10);
      onSave({ recurrence_rule: said, ...(task.due_date ? {} : { due_date: first ?? today }) });
    } else return;
    setTyped(null);
  }

  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-meta font-strong text-quiet">
        {words.label}
      </label>
      <input
        id={id}
        list={id + "-list"}
        value={typed ?? rule?.text ?? ""}
        placeholder={words.placeholder}
        aria-invalid={(said !== "" && preview.isError) || undefined}
        aria-describedby={id + "-next"}
        onChange={(e) => setTyped(e.target.value)}
        onKeyDown={(e) => {
          if (e.key === "Enter") keep();
          if (e.key === "Escape" && typed !== null) {
            e.preventDefault();
            setTyped(null);
          }
        }}
        onBlur={() => understood && keep()}
        className="min-h-8 rounded-control border border-line bg-transparent px-2 text-meta aria-invalid:border-overdue max-sm:min-h-touch"
      />
      <datalist id={id + "-list"}>
        {words.examples.map((e) => (
          <option key={e} value={e} />
        ))}
      </datalist>
      <div id={id + "-next"} className="flex flex-col gap-1 text-meta text-quiet" aria-live="polite">
        {said !== "" && preview.isError && <p className="text-overdue">{sayProblem(preview.error)}</p>}
        {(said || rule) && preview.data && (
          <p>
            {said && <>{preview.data.text}: </>}
            {words.next}{" "}
            {preview.data.occurrences.map((o) => (
              <Next key={o} at={o} today={today} />
            ))}
          </p>
        )}
      </div>
      {rule && (
        <div className="flex flex-wrap items-center gap-3">
          <label className="inline-flex min-h-6 items-center gap-2 text-meta">
            <input
              type="checkbox"
              checked={rule.anchor === "completion"}
              onChange={(e) => onSave({ recurrence_rule: { rrule: rule.rrule, anchor: e.target.checked ? "completion" : "due_date" } })}
              className="size-4 accent-accent"
            />
            {words.fromCompletion}
          </label>
          {!task.completed && dueDay(task, now.zone) && (
            <button
              type="button"
              onClick={onSkip}
              className="min-h-8 rounded-control border border-line px-2 text-meta hover:bg-hover max-sm:min-h-touch"
            >
              {words.skip}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Next({ at, today }: { at: string; today: string }) {
  const day = at.slice(0, 10);
  return (
    <time dateTime={at} title={fullDay(day)} className="mr-2 inline-block whitespace-nowrap">
      {dayWords(day, today)}
    </time>
  );
}

function usePreview(rule: string, due: string, zone: string | null) {
  const { id: user } = usePerson();
  const said = useSteady(rule, 300);
  const query = useQuery({
    queryKey: ["preview", user, said, due, zone],
    enabled: said !== "",
    retry: false,
    staleTime: Infinity,
    queryFn: ({ signal }) =>
      take(
        api.POST("/api/{user_id}/recurrence/preview", {
          params: { path: { user_id: user } },
          body: { recurrence_rule: said, due_date: due, ...(zone && { time_zone: zone }), count: shownDates },
          signal,
        }),
      ),
  });
  return { ...query, said };
}
