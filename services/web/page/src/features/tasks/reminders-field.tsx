/** The reminders of a task: what is set, what became of it, and a new one in words. */
import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { usePerson } from "~/features/account/person";
import { api, named, take, type Reminder, type Task } from "~/lib/api";
import { sayProblem } from "~/lib/problem";
import { momentWords } from "~/lib/time";
import { uuid7 } from "~/lib/uuid";
import { text } from "~/text/en";
import { Combo } from "~/ui/combo";
import { Icon } from "~/ui/icon";
import { useLive, useNow } from "./context";

const words = text.tasks.reminders;
const most = 5;
const snoozeMinutes = 10;
const small = "min-h-8 rounded-control border border-line px-2 text-meta hover:bg-hover max-sm:min-h-touch";

type Change = { add: string } | { remove: string } | { snooze: string };

function useReminders(task: Task) {
  const { id: user } = usePerson();
  const live = useLive();
  return useMutation({
    mutationFn: (change: Change) => {
      const path = { user_id: user, id: task.id };
      const headers = named(uuid7());
      if ("add" in change) return take(api.POST("/api/{user_id}/tasks/{id}/reminders", { params: { path }, headers, body: change.add }));
      const one = { path: { ...path, rid: "remove" in change ? change.remove : change.snooze } };
      if ("remove" in change) return take(api.DELETE("/api/{user_id}/tasks/{id}/reminders/{rid}", { params: one, headers }));
      return take(api.POST("/api/{user_id}/tasks/{id}/reminders/{rid}/snooze", { params: one, headers, body: { minutes: snoozeMinutes } }));
    },
    onSuccess: (told) => live.told(told),
  });
}

export function RemindersField({ task }: { task: Task }) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const change = useReminders(task);

  function add(line: string) {
    const said = line.trim();
    if (!said || change.isPending) return;
    setTyped(said);
    change.mutate({ add: said }, { onSuccess: () => setTyped("") });
  }

  const examples = words.examples.filter((e) => e.includes(typed.trim().toLowerCase())).map((value) => ({ value }));
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-1">
      {task.reminders.length > 0 && (
        <ul className="flex flex-col px-2">
          {task.reminders.map((r) => (
            <Line
              key={r.id}
              reminder={r}
              onRemove={() => change.mutate({ remove: r.id })}
              onSnooze={() => change.mutate({ snooze: r.id })}
            />
          ))}
        </ul>
      )}
      {task.reminders.length < most && (
        <Combo
          label={words.label}
          value={typed}
          placeholder={task.reminders.length > 0 ? words.another : words.placeholder}
          options={examples}
          onType={setTyped}
          onTake={add}
          aria-describedby={change.isError ? id + "-error" : undefined}
          onKeyDown={(e) => {
            if (e.key === "Escape" && typed) {
              e.preventDefault();
              setTyped("");
            }
          }}
          onBlur={() => add(typed)}
          className="min-h-8 w-full rounded-control bg-transparent px-2 hover:bg-hover max-sm:min-h-touch"
        />
      )}
      {change.isError && (
        <p id={id + "-error"} role="alert" className="text-meta text-overdue">
          {sayProblem(change.error)}
        </p>
      )}
    </div>
  );
}

function Line({ reminder, onRemove, onSnooze }: { reminder: Reminder; onRemove: () => void; onSnooze: () => void }) {
  const now = useNow();
  const when = reminder.remind_at ? momentWords(reminder.remind_at, new Date(now.at), now.zone) : null;
  return (
    <li className="flex min-h-8 items-center gap-2 text-meta">
      <time dateTime={reminder.remind_at ?? undefined} title={when?.full}>
        {when?.short}
      </time>
      <span className={`flex-1 ${reminder.status === "failed" || reminder.status === "missed" ? "text-overdue" : "text-quiet"}`}>
        {words.status[reminder.status]}
      </span>
      {reminder.status === "sent" && (
        <button type="button" onClick={onSnooze} className={small}>
          {words.snooze(snoozeMinutes)}
        </button>
      )}
      <button
        type="button"
        aria-label={words.remove(when?.short ?? "")}
        onClick={onRemove}
        className="inline-flex size-6 items-center justify-center rounded-control text-quiet hover:text-ink max-sm:size-touch"
      >
        <Icon name="close" small />
      </button>
    </li>
  );
}
