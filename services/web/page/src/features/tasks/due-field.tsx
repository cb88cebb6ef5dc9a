/** When it is due: a date, and a time where one is meant. The browser's own pickers, which every phone knows. */
import { addDays, dayOf, dueClock, dueDay } from "~/lib/time";
import type { Task } from "~/lib/api";
import { text } from "~/text/en";
import { useNow } from "./context";

const words = text.tasks.panel;
const chip = "min-h-8 rounded-control border border-line px-2 text-meta hover:bg-hover disabled:opacity-60 max-sm:min-h-touch";

export function DueField({ task, onSave }: { task: Task; onSave: (due: string | null) => void }) {
  const now = useNow();
  const today = dayOf(new Date(now.at), now.zone);
  const day = dueDay(task, now.zone) ?? "";
  const clock = dueClock(task, now.zone) ?? "";
  const save = (d: string, c: string) => onSave(d ? (c ? `${d}T${c}` : d) : null);
  const quick = [
    [words.quick.today, today],
    [words.quick.tomorrow, addDays(today, 1)],
    [words.quick.week, addDays(today, 7)],
  ] as const;
  return (
    <div role="group" aria-label={words.due} className="flex flex-col gap-1">
      <span className="text-meta font-strong text-quiet">{words.due}</span>
      <div className="flex flex-wrap gap-2">
        <input
          key={"day" + day}
          type="date"
          data-due
          aria-label={words.dueDate}
          defaultValue={day}
          min="1970-01-01"
          max="9999-12-31"
          onBlur={(e) => e.target.value !== day && e.target.validity.valid && save(e.target.value, clock)}
          onKeyDown={(e) => e.key === "Enter" && e.currentTarget.blur()}
          className={chip}
        />
        <input
          key={"clock" + clock + day}
          type="time"
          aria-label={words.dueTime}
          defaultValue={clock}
          disabled={!day}
          onBlur={(e) => e.target.value !== clock && save(day, e.target.value)}
          onKeyDown={(e) => e.key === "Enter" && e.currentTarget.blur()}
          className={chip}
        />
      </div>
      <div className="flex flex-wrap gap-2">
        {quick.map(([label, to]) => (
          <button
            key={to}
            type="button"
            aria-pressed={day === to}
            onClick={() => save(to, clock)}
            className={`${chip} aria-pressed:border-accent aria-pressed:font-strong`}
          >
            {label}
          </button>
        ))}
        {day && (
          <button type="button" onClick={() => onSave(null)} className={chip}>
            {words.noDate}
          </button>
        )}
      </div>
    </div>
  );
}
