/** How a task repeats, field by field, with the next five dates in sight. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { usePerson } from "~/features/account/person";
import type { Task, TaskPatch } from "~/lib/api";
import { sayProblem } from "~/lib/problem";
import { dayOf, dueDay, weekdayWord } from "~/lib/time";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { useSteady } from "~/ui/steady";
import { useNow } from "./context";
import { NextDates } from "./next-dates";
import { previewQuestion } from "./preview";
import { formOf, frequencies, monthWays, mostInterval, ruleOf, weekdays, type RepeatForm } from "./repeat-form";

const words = text.tasks.repeat;
const control = "min-h-8 rounded-control border border-mark bg-raised px-2 max-sm:min-h-touch";

interface RepeatSheetProps {
  task: Task;
  onSave: (patch: TaskPatch) => void;
  onClose: () => void;
}

export function RepeatSheet({ task, onSave, onClose }: RepeatSheetProps) {
  const { id: user } = usePerson();
  const now = useNow();
  const zone = task.time_zone ?? now.zone;
  const day = dueDay(task, zone) ?? dayOf(new Date(now.at), zone);
  const [form, setForm] = useState(() => formOf(task, day));
  const set = (part: Partial<RepeatForm>) => setForm((f) => ({ ...f, ...part }));
  const rule = ruleOf(form, day);
  const asked = useSteady(JSON.stringify(rule), 150);
  const due = task.due_date ?? day;
  const preview = useQuery({
    ...previewQuestion({ user, rule: JSON.parse(asked) as typeof rule, due, zone: task.time_zone }),
    placeholderData: keepPreviousData,
  });
  function save(patch: TaskPatch) {
    onClose();
    onSave(patch);
  }
  return (
    <Dialog title={words.label} onClose={onClose} narrow>
      <div className="flex flex-wrap items-center gap-2">
        <span>{words.every}</span>
        <input
          type="number"
          min={1}
          max={mostInterval[form.frequency]}
          value={form.interval}
          aria-label={words.interval}
          onChange={(e) => set({ interval: Math.min(mostInterval[form.frequency], Math.max(1, e.target.valueAsNumber || 1)) })}
          className={`${control} w-touch figures`}
        />
        <select
          value={form.frequency}
          aria-label={words.unit}
          onChange={(e) => set({ frequency: frequencies.find((f) => f === e.target.value) ?? "weekly" })}
          className={control}
        >
          {frequencies.map((f) => (
            <option key={f} value={f}>
              {words.units[f](form.interval)}
            </option>
          ))}
        </select>
      </div>
      {form.anchor === "due_date" && form.frequency === "weekly" && <Days form={form} set={set} />}
      {form.anchor === "due_date" && form.frequency === "monthly" && (
        <select
          value={form.monthly}
          aria-label={words.onDay}
          onChange={(e) => set({ monthly: monthWays.find((w) => w === e.target.value) ?? "day" })}
          className={control}
        >
          {monthWays.map((way) => (
            <option key={way} value={way}>
              {words.monthWays[way](Number(day.slice(8, 10)), weekdayWord(day))}
            </option>
          ))}
        </select>
      )}
      <Ends form={form} set={set} />
      <label className="inline-flex min-h-6 items-center gap-2">
        <input
          type="checkbox"
          checked={form.anchor === "completion"}
          onChange={(e) => set({ anchor: e.target.checked ? "completion" : "due_date" })}
          className="size-4 accent-accent"
        />
        {words.fromCompletion}
      </label>
      <div className="flex min-h-touch flex-col gap-1 border-t border-line pt-3" aria-live="polite">
        {preview.isError && <p className="text-meta text-overdue">{sayProblem(preview.error)}</p>}
        {preview.data && <NextDates words={preview.data.text} dates={preview.data.occurrences} today={dayOf(new Date(now.at), now.zone)} />}
      </div>
      <p className="flex flex-wrap gap-3">
        <Button
          kind="main"
          disabled={!preview.isSuccess}
          onClick={() =>
            save({ recurrence_rule: rule, ...(!task.due_date && { due_date: preview.data?.occurrences[0]?.slice(0, 10) ?? day }) })
          }
        >
          {text.settings.save}
        </Button>
        {task.recurrence_rule && <Button onClick={() => save({ recurrence_rule: null })}>{words.never}</Button>}
      </p>
    </Dialog>
  );
}

type Part = { form: RepeatForm; set: (part: Partial<RepeatForm>) => void };

function Days({ form, set }: Part) {
  return (
    <fieldset className="flex flex-wrap gap-1">
      <legend className="sr-only">{words.onDays}</legend>
      {weekdays.map((d, i) => (
        <Toggle
          key={d}
          checked={form.days.includes(d)}
          onChange={(on) => set({ days: weekdays.filter((w) => (w === d ? on : form.days.includes(w))) })}
        >
          {weekdayWord(`2024-01-0${i + 1}`) /* a Monday was the first of that month */}
        </Toggle>
      ))}
    </fieldset>
  );
}

function Toggle({ checked, onChange, children }: { checked: boolean; onChange: (on: boolean) => void; children: ReactNode }) {
  return (
    <label className="inline-flex min-h-8 cursor-pointer items-center rounded-control border border-line px-2 text-meta has-checked:border-accent has-checked:bg-accent-soft has-checked:font-strong has-focus-visible:outline-2 has-focus-visible:outline-accent max-sm:min-h-touch">
      <input type="checkbox" checked={checked} onChange={(e) => onChange(e.target.checked)} className="sr-only" />
      {children}
    </label>
  );
}

function Ends({ form, set }: Part) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <select
        value={form.ends}
        aria-label={words.ends}
        onChange={(e) => set({ ends: e.target.value === "until" || e.target.value === "count" ? e.target.value : "never" })}
        className={control}
      >
        {(["never", "until", "count"] as const).map((end) => (
          <option key={end} value={end}>
            {words.endings[end]}
          </option>
        ))}
      </select>
      {form.ends === "until" && (
        <input
          type="date"
          value={form.until}
          aria-label={words.endings.until}
          onChange={(e) => set({ until: e.target.value })}
          className={control}
        />
      )}
      {form.ends === "count" && (
        <input
          type="number"
          min={1}
          max={999}
          value={form.count}
          aria-label={words.endings.count}
          onChange={(e) => set({ count: Math.min(999, Math.max(1, e.target.valueAsNumber || 1)) })}
          className={`${control} w-touch figures`}
        />
      )}
    </div>
  );
}
