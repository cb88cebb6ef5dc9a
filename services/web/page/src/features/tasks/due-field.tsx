/** When it is due, as one says it; a click opens the sheet with the calendar. */
import { addDays, dayOf, dueWords, weekdayOf } from "~/lib/time";
import type { Task } from "~/lib/api";
import { text } from "~/text/en";
import { IconButton } from "~/ui/button";
import { useNow } from "./context";
import { useDeeds } from "./deeds";
import { expectDates } from "./date-sheet";
import { usePick } from "./pick";
import { isOverdue } from "./select";

const words = text.tasks.panel;
const plain = "min-h-8 rounded-control px-2 hover:bg-hover disabled:opacity-60 max-sm:min-h-touch";

export function DueField({ task }: { task: Task }) {
  const deeds = useDeeds();
  const pick = usePick();
  const now = useNow();
  const today = dayOf(new Date(now.at), now.zone);
  const due = dueWords(task, new Date(now.at), now.zone);
  const open = () => pick({ kind: "date", tasks: [task] });
  const expect = { onPointerEnter: expectDates, onFocus: expectDates };
  if (due)
    return (
      <span className="flex flex-1 items-center justify-between gap-1">
        <button
          type="button"
          data-due
          {...expect}
          onClick={open}
          title={due.full}
          aria-label={`${words.due}: ${due.full}`}
          className={`${plain} first-letter:uppercase ${isOverdue(task, now) ? "font-strong text-overdue" : ""}`}
        >
          {due.short}
        </button>
        <IconButton icon="close" label={words.noDate} onClick={() => deeds.move(task, null)} />
      </span>
    );
  const quick = [
    [words.quick.today, today],
    [words.quick.tomorrow, addDays(today, 1)],
    [words.quick.nextWeek, addDays(today, 8 - weekdayOf(today))],
  ] as const;
  return (
    <span className="flex flex-wrap gap-1">
      {quick.map(([label, to]) => (
        <button key={label} type="button" onClick={() => deeds.move(task, to)} className={`${plain} text-quiet`}>
          {label}
        </button>
      ))}
      <button type="button" data-due {...expect} onClick={open} className={`${plain} text-accent`}>
        {words.pickDate}
      </button>
    </span>
  );
}
