/** One task as a row on paper: a circle, its words, when it is due. */
import { memo, useEffect, useState, type MouseEvent } from "react";
import type { Task } from "~/lib/api";
import { text } from "~/text/en";
import { IconButton } from "~/ui/button";
import { Icon } from "~/ui/icon";
import { useLive } from "./context";
import { useDeeds, type Deeds } from "./deeds";
import { lift } from "./drag";
import { expectDates } from "./date-sheet";
import { usePick } from "./pick";
import { RowMeta } from "./row-meta";
import type { Now } from "./select";
import { TitleEdit } from "./title-edit";

/** How a row leads to its task. */
export interface Way {
  href: (id: string) => string;
  go: (id: string) => void;
}

interface RowProps {
  task: Task;
  way: Way;
  now: Now;
  glowing: boolean;
  /** Whether its panel is open. */
  open: boolean;
  /** The day that the heading above says already. */
  under: string | null | undefined;
  selecting: boolean;
  selected: boolean;
  /** Whether what was done to it is not sent yet, for want of a connection. */
  waiting: boolean;
}

export const Row = memo(function Row({ task, way, now, glowing, open, under, selecting, selected, waiting }: RowProps) {
  const deeds = useDeeds();
  const { store } = useLive();
  const [editing, setEditing] = useState(false);
  const [near, setNear] = useState(false); // a hand or the keyboard has been here
  const trashed = task.deleted_at !== null;
  // A row that moved to another group would be a new one, without what is being written in it.
  useEffect(() => (editing ? store.pin(task.id) : undefined), [editing, store, task.id]);

  /** With Ctrl or ⌘ a click marks the row, with Shift all up to it; while rows are marked, so does every click. */
  function click(event: MouseEvent) {
    if (event.altKey) return; // the browser's own
    event.preventDefault();
    if (event.shiftKey) store.selectTo(task.id);
    else if (selecting || event.ctrlKey || event.metaKey) store.toggle(task.id);
    else way.go(task.id);
  }

  const ground = selected ? "bg-accent-soft" : open ? "bg-hover" : "hover:bg-hover focus-within:bg-hover";
  return (
    // Taken by the hand; every way that leads by hand has a key and a sheet too.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      data-task={task.id}
      draggable={!editing && !trashed}
      onDragStart={(e) => lift(e, store, task.id)}
      onPointerEnter={() => setNear(true)}
      onFocus={() => setNear(true)}
      className={`group relative isolate flex items-start gap-1 rounded-control px-1 ${ground} ${glowing ? "glow" : ""}`}
    >
      {selecting && !trashed ? <Marker task={task} selected={selected} /> : !trashed && <Circle task={task} deeds={deeds} />}
      <div className="flex min-h-row min-w-0 flex-1 flex-wrap content-center items-center gap-x-3 py-2 pr-1 max-sm:min-h-touch max-sm:py-3">
        {editing ? (
          <TitleEdit
            task={task}
            className="relative z-10 -my-2 max-sm:-my-3"
            onDone={(title) => {
              setEditing(false);
              if (title !== null) deeds.update(task, { title });
            }}
          />
        ) : (
          <a
            href={way.href(task.id)}
            data-row
            draggable={false}
            onClick={click}
            aria-current={open ? "true" : undefined}
            className={`title min-w-0 flex-1 basis-side after:absolute max-sm:basis-search after:inset-0 after:content-[''] ${task.completed ? "done text-quiet" : ""}`}
          >
            {task.title}
          </a>
        )}
        <RowMeta task={task} now={now} under={under} waiting={waiting} />
      </div>
      {!editing && !selecting && (near || trashed) && <Actions task={task} deeds={deeds} onEdit={() => setEditing(true)} />}
    </div>
  );
});

/** The circle: an ordinary checkbox underneath, so that every way of ticking works. Its box is as high as the line it stands in. */
export function Circle({ task, deeds, label, box = "h-row w-8" }: { task: Task; deeds: Deeds; label?: string; box?: string }) {
  const edge = { critical: "border-critical", high: "border-high", normal: "border-mark", low: "border-mark" }[task.priority];
  return (
    <span className={`tick relative z-10 inline-flex shrink-0 items-center justify-center max-sm:size-touch ${box}`}>
      <input
        type="checkbox"
        checked={task.completed}
        aria-label={label ?? (task.completed ? text.tasks.reopen(task.title) : text.tasks.complete(task.title))}
        onChange={() => (task.completed ? deeds.reopen(task) : deeds.complete(task))}
        className={`peer size-mark cursor-pointer appearance-none rounded-full border-2 ${edge} checked:border-done checked:bg-done`}
      />
      <span className="tick-sign pointer-events-none absolute text-paper" aria-hidden="true">
        <Icon name="done" small />
      </span>
    </span>
  );
}

/** While rows are marked, a square stands where the circle was: it marks and does not complete. */
function Marker({ task, selected }: { task: Task; selected: boolean }) {
  const { store } = useLive();
  return (
    <span className="relative z-10 inline-flex h-row w-8 shrink-0 items-center justify-center max-sm:size-touch">
      <input
        type="checkbox"
        checked={selected}
        aria-label={text.tasks.bulk.mark(task.title)}
        onChange={() => store.toggle(task.id)}
        className="size-4 cursor-pointer accent-accent"
      />
    </span>
  );
}

function Actions({ task, deeds, onEdit }: { task: Task; deeds: Deeds; onEdit: () => void }) {
  const pick = usePick();
  if (task.deleted_at)
    return (
      <button
        type="button"
        aria-label={text.tasks.restoreNamed(task.title)}
        onClick={() => deeds.restore(task)}
        className="relative z-10 min-h-8 self-center rounded-control px-2 font-strong text-accent hover:bg-hover max-sm:min-h-touch"
      >
        {text.tasks.restore}
      </button>
    );
  // They come over the row's end on hover, and whenever the keyboard gets there; a finger opens the task instead.
  return (
    <span className="row-actions no-print absolute inset-y-0 right-0 z-10 flex items-center rounded-control pr-1 pl-2 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 max-sm:hidden pointer-coarse:hidden">
      <IconButton icon="edit" data-edit label={text.tasks.edit(task.title)} onClick={onEdit} />
      <IconButton
        icon="date"
        label={text.tasks.dateOf(task.title)}
        onPointerEnter={expectDates}
        onFocus={expectDates}
        onClick={() => pick({ kind: "date", tasks: [task] })}
      />
      <IconButton icon="trash" label={text.tasks.remove(task.title)} onClick={() => deeds.remove(task)} />
    </span>
  );
}
