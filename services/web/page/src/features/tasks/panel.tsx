/** One task beside its list: everything about it, its history below. */
import { useEffect, useRef } from "react";
import { useTrail } from "~/features/trail/query";
import { Entries } from "~/features/trail/entries";
import type { Task } from "~/lib/api";
import { sayProblem } from "~/lib/problem";
import { text } from "~/text/en";
import { Button, IconButton } from "~/ui/button";
import { Empty, Notice, Shapes } from "~/ui/notice";
import { useNow, useSnapshot, useTask } from "./context";
import { useDeeds } from "./deeds";
import { DueField } from "./due-field";
import { NotesField, TitleField } from "./text-fields";
import { PriorityField } from "./priority-field";
import { RemindersField } from "./reminders-field";
import { RepeatField } from "./repeat-field";
import { Circle } from "./row";
import { TagsField } from "./tags-field";

const words = text.tasks.panel;

export function Panel({ id, onClose }: { id: string; onClose: () => void }) {
  const task = useTask(id);
  const { ready } = useSnapshot();
  const frame = useRef<HTMLElement>(null);
  useEffect(() => {
    // Opened from the list, the panel takes the keyboard; opened by its address, the page keeps it.
    if (document.activeElement !== document.body) frame.current?.focus({ preventScroll: true });
  }, [id]);
  return (
    <aside
      ref={frame}
      tabIndex={-1}
      aria-label={task ? `${words.label}: ${task.title}` : words.label}
      className="arrive fixed inset-y-0 right-0 z-20 flex w-panel max-w-full flex-col gap-4 overflow-y-auto border-l border-line bg-raised p-4 shadow-float outline-none max-sm:bottom-12 max-sm:w-full xl:sticky xl:top-0 xl:h-dvh xl:shrink-0 xl:bg-paper xl:shadow-none"
    >
      {task ? (
        <Body key={task.id} task={task} onClose={onClose} />
      ) : ready ? (
        <Gone onClose={onClose} />
      ) : (
        <Shapes label={text.tasks.loading} />
      )}
    </aside>
  );
}

function Gone({ onClose }: { onClose: () => void }) {
  return (
    <>
      <IconButton icon="close" label={words.close} onClick={onClose} className="self-end" />
      <Empty words={words.gone} />
    </>
  );
}

function Body({ task, onClose }: { task: Task; onClose: () => void }) {
  const deeds = useDeeds();
  const trashed = task.deleted_at !== null;
  const update = (patch: Parameters<typeof deeds.update>[1]) => deeds.update(task, patch);
  return (
    <>
      <div className="flex items-start gap-2">
        {!trashed && <Circle task={task} deeds={deeds} label={words.mark(task.completed)} />}
        <TitleField key={"title" + task.id} task={task} readOnly={trashed} onSave={(title) => update({ title })} />
        <IconButton icon="close" label={words.close} onClick={onClose} />
      </div>
      {trashed && (
        <p className="flex flex-wrap items-center gap-3 text-quiet">
          <span className="flex-1 basis-0">{words.inTrash}</span>
          <Button onClick={() => deeds.restore(task)}>{words.restore}</Button>
        </p>
      )}
      <fieldset disabled={trashed} className="flex min-w-0 flex-col gap-4">
        <legend className="sr-only">{task.title}</legend>
        <DueField
          task={task}
          // Without a date there is nothing to repeat from or to be reminded of.
          onSave={(due_date) =>
            update(
              due_date
                ? { due_date }
                : { due_date, ...(task.recurrence_rule && { recurrence_rule: null }), ...(task.reminders.length > 0 && { reminders: [] }) },
            )
          }
        />
        <RepeatField key={"repeat" + (task.recurrence_rule?.rrule ?? "")} task={task} onSave={update} onSkip={() => deeds.skip(task)} />
        <RemindersField task={task} />
        <PriorityField task={task} onSave={(priority) => update({ priority })} />
        <TagsField task={task} onSave={(tags) => update({ tags })} />
        <NotesField task={task} onSave={(description) => update({ description })} />
      </fieldset>
      {!trashed && (
        <Button
          kind="danger"
          className="self-start"
          onClick={() => {
            deeds.remove(task);
            onClose();
          }}
        >
          {words.remove}
        </Button>
      )}
      <History taskId={task.id} />
    </>
  );
}

function History({ taskId }: { taskId: string }) {
  const now = useNow();
  const trail = useTrail(taskId);
  const entries = trail.data?.pages.flatMap((p) => p.audit_logs) ?? [];
  return (
    <section aria-label={words.history} className="flex flex-col gap-2 border-t border-line pt-4">
      <h2 className="font-strong">{words.history}</h2>
      {trail.isError && <Notice>{sayProblem(trail.error)}</Notice>}
      <Entries entries={entries} now={now} named={false} />
      {trail.hasNextPage && (
        <Button onClick={() => void trail.fetchNextPage()} disabled={trail.isFetchingNextPage}>
          {text.trail.more}
        </Button>
      )}
    </section>
  );
}
