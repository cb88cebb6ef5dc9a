/** One task as a row on paper: a circle, its words, when it is due. */
import { Link } from "@tanstack/react-router";
import { memo, useState } from "react";
import type { Task } from "~/lib/api";
import { dueWords, momentWords } from "~/lib/time";
import { text } from "~/text/en";
import { IconButton } from "~/ui/button";
import { Icon } from "~/ui/icon";
import { useDeeds, type Deeds } from "./deeds";
import { isOverdue, type Now } from "./select";
import { TitleEdit } from "./title-edit";

interface RowProps {
  task: Task;
  now: Now;
  glowing: boolean;
  /** Whether its panel is open. */
  open: boolean;
}

export const Row = memo(function Row({ task, now, glowing, open }: RowProps) {
  const deeds = useDeeds();
  const [editing, setEditing] = useState(false);
  const trashed = task.deleted_at !== null;
  return (
    <div
      data-task={task.id}
      className={`group relative isolate flex min-h-row items-center gap-2 rounded-control px-2 max-sm:min-h-touch ${open ? "bg-accent-soft" : "hover:bg-hover"} ${glowing ? "glow" : ""}`}
    >
      {!trashed && <Circle task={task} deeds={deeds} />}
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 py-1">
        {editing ? (
          <TitleEdit
            task={task}
            className="relative z-10"
            onDone={(title) => {
              setEditing(false);
              if (title !== null) deeds.update(task, { title });
            }}
          />
        ) : (
          <Link
            to="/tasks/$id"
            params={{ id: task.id }}
            search={(before) => before}
            data-row
            aria-current={open ? "true" : undefined}
            className={`min-w-0 flex-1 basis-side after:absolute after:inset-0 after:content-[''] ${task.completed ? "text-quiet line-through" : ""}`}
          >
            {task.title}
          </Link>
        )}
        <Meta task={task} now={now} />
      </div>
      {!editing && <Actions task={task} deeds={deeds} onEdit={() => setEditing(true)} />}
    </div>
  );
});

/** The circle: an ordinary checkbox underneath, so that every way of ticking works. */
export function Circle({ task, deeds, label }: { task: Task; deeds: Deeds; label?: string }) {
  const edge = { critical: "border-critical", high: "border-high", normal: "border-mark", low: "border-mark" }[task.priority];
  return (
    <span className="relative z-10 inline-flex size-8 shrink-0 items-center justify-center max-sm:size-touch">
      <input
        type="checkbox"
        checked={task.completed}
        aria-label={label ?? (task.completed ? text.tasks.reopen(task.title) : text.tasks.complete(task.title))}
        onChange={() => (task.completed ? deeds.reopen(task) : deeds.complete(task))}
        className={`peer size-mark cursor-pointer appearance-none rounded-full border-2 ${edge} checked:border-done checked:bg-done`}
      />
      <span className="pointer-events-none absolute hidden text-paper peer-checked:block" aria-hidden="true">
        <Icon name="done" small />
      </span>
    </span>
  );
}

function Meta({ task, now }: { task: Task; now: Now }) {
  const due = dueWords(task, new Date(now.at), now.zone);
  const overdue = isOverdue(task, now);
  const rising = task.priority === "critical" || task.priority === "high";
  return (
    <span className="flex flex-wrap items-center gap-x-2 text-meta text-quiet">
      {rising && (
        <span className={`inline-flex items-center gap-1 ${task.priority === "high" ? "text-high" : "text-critical"}`}>
          <Icon name="flag" small />
          {text.tasks.priority[task.priority]}
        </span>
      )}
      {task.tags.map((tag) => (
        <span key={tag}>#{tag}</span>
      ))}
      {task.recurrence_rule && (
        <span title={text.tasks.repeats(task.recurrence_rule.text)}>
          <Icon name="repeat" small />
          <span className="sr-only">{text.tasks.repeats(task.recurrence_rule.text)}</span>
        </span>
      )}
      {due && (
        <time dateTime={task.due_date ?? undefined} title={due.full} className={overdue ? "text-overdue" : ""}>
          <span className="sr-only">{text.tasks.due(due.full)}</span>
          <span aria-hidden="true">{due.short}</span>
          {overdue && <span className="sr-only">, {text.tasks.overdueWord}</span>}
        </time>
      )}
      {task.deleted_at && <span>{text.tasks.deletedAgo(momentWords(task.deleted_at, new Date(now.at), now.zone).short)}</span>}
    </span>
  );
}

function Actions({ task, deeds, onEdit }: { task: Task; deeds: Deeds; onEdit: () => void }) {
  if (task.deleted_at)
    return (
      <button
        type="button"
        aria-label={text.tasks.restoreNamed(task.title)}
        onClick={() => deeds.restore(task)}
        className="relative z-10 min-h-8 rounded-control px-2 font-strong text-accent hover:bg-hover max-sm:min-h-touch"
      >
        {text.tasks.restore}
      </button>
    );
  // Shown on hover with a mouse, always where there is none, and whenever the keyboard gets there.
  return (
    <span className="no-print relative z-10 flex opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100 max-sm:hidden">
      <IconButton icon="edit" data-edit label={text.tasks.edit(task.title)} onClick={onEdit} />
      <IconButton icon="trash" label={text.tasks.remove(task.title)} onClick={() => deeds.remove(task)} />
    </span>
  );
}
