/** Entries of the trail, headed by their day. */
import type { Entry } from "~/lib/api";
import { clockOf, dayOf, dayWords, fullDay, momentWords } from "~/lib/time";
import { text } from "~/text/en";
import { useTask } from "~/features/tasks/context";
import type { Now } from "~/features/tasks/select";
import { canUndo, useUndo } from "./undo";
import { about, changes, dayOfEntry, deed, through, who } from "./words";

export function Entries({ entries, now, named = true }: { entries: readonly Entry[]; now: Now; named?: boolean }) {
  const today = dayOf(new Date(now.at), now.zone);
  const days = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (entry.event_type === "notice.created") continue; // it stands on the page of notices, and what it is about stands here
    const day = dayOfEntry(entry, now.zone);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return (
    <div className="flex flex-col gap-4">
      {[...days].map(([day, those]) => (
        <section key={day} aria-label={fullDay(day)} className="border-b border-line pb-2 last:border-b-0">
          <h2 className="pb-1 text-meta font-strong text-quiet first-letter:uppercase" title={fullDay(day)}>
            {dayWords(day, today)}
          </h2>
          <ol>
            {those.map((entry) => (
              <li key={entry.event_id} className="flex items-baseline gap-3 py-2">
                <Line entry={entry} now={now} named={named} />
              </li>
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function Line({ entry, now, named }: { entry: Entry; now: Now; named: boolean }) {
  const at = new Date(entry.timestamp);
  const known = useTask(entry.task_id ?? "");
  const title = about(entry) ?? known?.title;
  const list = changes(entry, new Date(now.at), now.zone);
  const way = through(entry);
  return (
    <>
      <time
        dateTime={entry.timestamp}
        title={momentWords(entry.timestamp, new Date(now.at), now.zone).full}
        className="w-12 shrink-0 text-meta text-quiet"
      >
        {clockOf(at, now.zone)}
      </time>
      <div className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3">
        <div className={`min-w-0 flex-1 ${named ? "basis-side" : "basis-word"}`}>
          <p>
            <span className={entry.actor.type === "agent" ? "font-strong text-agent" : "font-strong"}>{who(entry)}</span> {deed(entry)}
            {named && title && <> “{title}”</>}
            {way && <span className="text-quiet"> {way}</span>}
          </p>
          {list.length > 0 && (
            <ul className="text-meta text-quiet">
              {list.map((c) => (
                <li key={c.field}>
                  {c.field}: <span className="sr-only">{text.trail.before} </span>
                  <del>{c.before}</del> <span aria-hidden="true">→</span>
                  <span className="sr-only">, {text.trail.after} </span> <ins className="text-ink no-underline">{c.after}</ins>
                </li>
              ))}
            </ul>
          )}
        </div>
        {canUndo(entry, now.at) && <TakeBack entry={entry} what={`${deed(entry)} ${title ?? ""}`} />}
      </div>
    </>
  );
}

/** Takes one entry back; of an agent everything that it did in the same turn. */
function TakeBack({ entry, what }: { entry: Entry; what: string }) {
  const undo = useUndo();
  const turn = entry.actor.type === "agent" && entry.request_id;
  return (
    <button
      type="button"
      disabled={undo.isPending}
      aria-label={turn ? `${text.trail.undoTurn}: ${what}` : text.trail.undoNamed(what)}
      onClick={() => undo.mutate(turn ? { request_id: turn } : { event_id: entry.event_id })}
      className="no-print -mx-2 -my-1 min-h-8 rounded-control px-2 text-meta text-quiet hover:bg-hover hover:text-ink max-sm:my-0"
    >
      {turn ? text.trail.undoTurn : text.trail.undo}
    </button>
  );
}
