/** When it is due: said in words, one of the usual days, or a day of the calendar; and a time where one is meant. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useId, useState } from "react";
import { usePerson } from "~/features/account/person";
import { api, take, type Parsed, type Task, type TaskPatch } from "~/lib/api";
import { sayProblem } from "~/lib/problem";
import { addDays, dateLocale, dayOf, dueClock, dueDay, weekdayOf, weekdayWord } from "~/lib/time";
import { text } from "~/text/en";
import { Dialog } from "~/ui/dialog";
import { inputClass } from "~/ui/field";
import { Icon, type IconName } from "~/ui/icon";
import { useSteady } from "~/ui/steady";
import { useNow } from "./context";
import { useDeeds } from "./deeds";
import { sayDue } from "./patch-words";

// The calendar weighs more than all the rest here; it comes while one reads what stands above it.
const loadMonth = () => import("./month");
const Month = lazy(() => loadMonth().then((m) => ({ default: m.Month })));
export const expectDates = (): void => void loadMonth().catch(() => undefined);

const words = text.tasks.panel;

export function DateSheet({ tasks, onClose }: { tasks: readonly Task[]; onClose: () => void }) {
  const deeds = useDeeds();
  const now = useNow();
  const [first] = tasks;
  const zone = first?.time_zone ?? now.zone;
  const today = dayOf(new Date(now.at), zone);
  const day = first && tasks.length === 1 ? dueDay(first, zone) : null;
  const clock = first && tasks.length === 1 ? dueClock(first, zone) : null;
  const done = (set: () => void) => {
    onClose();
    set();
  };
  return (
    <Dialog title={words.due} onClose={onClose} narrow>
      <InWords onTake={(patch) => done(() => deeds.update(tasks, patch))} />
      <Usual today={today} day={day} onTake={(to) => done(() => deeds.move(tasks, to))} />
      <Suspense fallback={<div className="h-month" />}>
        <Month day={day} today={today} onTake={(to) => done(() => deeds.move(tasks, to))} />
      </Suspense>
      <Clock
        clock={clock}
        onTake={(at) =>
          done(() => deeds.update(tasks, (task) => ({ due_date: withClock(dueDay(task, task.time_zone ?? now.zone) ?? today, at) })))
        }
      />
    </Dialog>
  );
}

const withClock = (day: string, clock: string): string => (clock ? `${day}T${clock}` : day);

/** "fri 3pm", "every monday": read by the same rules as the line at the top. */
function InWords({ onTake }: { onTake: (patch: TaskPatch) => void }) {
  const id = useId();
  const { id: user, timeZone } = usePerson();
  const now = useNow();
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const wanted = typed.trim();
  const said = useSteady(wanted, 150);
  const question = (line: string) => ({
    queryKey: ["parse", user, "date", line],
    retry: false as const,
    staleTime: 60_000,
    queryFn: () =>
      take(
        api.POST("/api/{user_id}/tasks/parse", {
          params: { path: { user_id: user } },
          body: { text: `x ${line}`, time_zone: timeZone, locale: dateLocale() },
        }),
      ),
  });
  const query = useQuery({ ...question(said), enabled: said !== "" });
  const patch = said === wanted && query.data ? patchOf(query.data) : null;
  // Enter does not wait for the pause after which the words are read by themselves.
  const enter = async () => {
    const read = wanted && (await queries.fetchQuery(question(wanted)).catch(() => null));
    const meant = read && patchOf(read);
    if (meant) onTake(meant);
  };
  return (
    <div className="flex flex-col gap-1">
      <input
        value={typed}
        aria-label={words.dateInWords}
        placeholder={words.datePlaceholder}
        aria-describedby={id}
        data-first
        onChange={(e) => setTyped(e.target.value)}
        onKeyDown={(e) => e.key === "Enter" && void enter()}
        className={inputClass}
      />
      <p id={id} role="status" className="min-h-6 text-meta text-quiet">
        {patch?.due_date && (
          <button type="button" onClick={() => onTake(patch)} className="min-h-6 font-strong text-accent">
            {sayDue(patch.due_date, new Date(now.at), now.zone)}
            {query.data?.task.recurrence_rule && `, ${query.data.task.recurrence_rule.text}`}
          </button>
        )}
        {said !== "" && said === wanted && query.isSuccess && !patch && words.noSuchDate}
        {said !== "" && query.isError && sayProblem(query.error)}
      </p>
    </div>
  );
}

/** The date that a line names, and how it repeats where it says so. */
function patchOf({ task }: Parsed): TaskPatch | null {
  const { due_date, recurrence_rule: rule } = task;
  return due_date ? { due_date, ...(rule && { recurrence_rule: { rrule: rule.rrule, anchor: rule.anchor } }) } : null;
}

function Usual({ today, day, onTake }: { today: string; day: string | null; onTake: (day: string | null) => void }) {
  const weekday = weekdayOf(today); // 1 is Monday
  const choices: [string, IconName, string | null][] = [
    [words.quick.today, "today", today],
    [words.quick.tomorrow, "date", addDays(today, 1)],
    [words.quick.weekend, "weekend", addDays(today, weekday >= 6 ? 13 - weekday : 6 - weekday)],
    [words.quick.nextWeek, "next", addDays(today, 8 - weekday)],
    [words.noDate, "close", null],
  ];
  return (
    <ul className="grid max-sm:grid-cols-2">
      {choices.map(([label, icon, to]) => (
        <li key={label}>
          <button
            type="button"
            aria-pressed={to === day}
            onClick={() => onTake(to)}
            className="flex min-h-8 w-full items-center gap-3 rounded-control px-2 text-left hover:bg-hover aria-pressed:font-strong max-sm:min-h-touch"
          >
            <Icon name={icon} small />
            <span className="flex-1">{label}</span>
            {to && <span className="text-meta text-quiet">{weekdayWord(to)}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Clock({ clock, onTake }: { clock: string | null; onTake: (clock: string) => void }) {
  const id = useId();
  const [typed, setTyped] = useState(clock ?? "");
  return (
    <div className="flex items-center gap-3 border-t border-line pt-3">
      <label htmlFor={id} className="flex-1 text-meta font-strong text-quiet">
        {words.dueTime}
      </label>
      <input
        id={id}
        type="time"
        value={typed}
        onChange={(e) => setTyped(e.target.value)}
        onKeyDown={(e) => e.key === "Enter" && onTake(typed)}
        className="min-h-8 rounded-control border border-line bg-transparent px-2 text-meta max-sm:min-h-touch"
      />
      {typed !== (clock ?? "") && (
        <button
          type="button"
          onClick={() => onTake(typed)}
          className="min-h-8 rounded-control px-2 font-strong text-accent hover:bg-hover max-sm:min-h-touch"
        >
          {text.settings.save}
        </button>
      )}
    </div>
  );
}
