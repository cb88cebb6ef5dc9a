/** Everything about one task, a line each. */
import { type ReactNode } from "react";
import { useTrail } from "~/features/trail/query";
import { Entries } from "~/features/trail/entries";
import type { Task, TaskPatch } from "~/lib/api";
import { sayProblem } from "~/lib/problem";
import { momentWords } from "~/lib/time";
import { text } from "~/text/en";
import { Button, IconButton } from "~/ui/button";
import { Icon, type IconName } from "~/ui/icon";
import { Notice } from "~/ui/notice";
import { useNow } from "./context";
import { useDeeds } from "./deeds";
import { DueField } from "./due-field";
import { PriorityField } from "./priority-field";
import { RemindersField } from "./reminders-field";
import { RepeatField } from "./repeat-field";
import { Circle } from "./row";
import { TagsField } from "./tags-field";
import { NotesField, TitleField } from "./text-fields";

const words = text.tasks.panel;

export function PanelBody({ task, onClose }: { task: Task; onClose: () => void }) {
  const deeds = useDeeds();
  const trashed = task.deleted_at !== null;
  const update = (patch: TaskPatch) => deeds.update(task, patch);
  return (
    <>
      <div className="flex items-start gap-1">
        {!trashed && <Circle task={task} deeds={deeds} label={words.mark(task.completed)} box="size-8" />}
        <TitleField key={"title" + task.id} task={task} readOnly={trashed} onSave={(title) => update({ title })} />
        {!trashed && (
          <IconButton
            icon="trash"
            label={words.remove}
            onClick={() => {
              deeds.remove(task);
              onClose();
            }}
          />
        )}
        <IconButton icon="close" label={words.close} onClick={onClose} />
      </div>
      {trashed && (
        <p className="flex flex-wrap items-center gap-3 text-quiet">
          <span className="flex-1 basis-0">{words.inTrash}</span>
          <Button onClick={() => deeds.restore(task)}>{words.restore}</Button>
        </p>
      )}
      <fieldset disabled={trashed} className="flex min-w-0 flex-col gap-2">
        <legend className="sr-only">{task.title}</legend>
        <Line icon="date" label={words.due}>
          <DueField task={task} />
        </Line>
        <Line icon="repeat" label={text.tasks.repeat.label}>
          <RepeatField key={"repeat" + (task.recurrence_rule?.rrule ?? "")} task={task} onSave={update} onSkip={() => deeds.skip(task)} />
        </Line>
        {task.due_date && (
          <Line icon="bell" label={text.tasks.reminders.label}>
            <RemindersField task={task} />
          </Line>
        )}
        <Line icon="flag" label={words.priority}>
          <PriorityField task={task} onSave={(priority) => update({ priority })} />
        </Line>
        <Line icon="tag" label={words.tags}>
          <TagsField task={task} onSave={(tags) => update({ tags })} />
        </Line>
        <div className="mt-2 border-t border-line pt-2">
          <NotesField key={"notes" + task.id} task={task} readOnly={trashed} onSave={(description) => update({ description })} />
        </div>
      </fieldset>
      <History task={task} />
    </>
  );
}

/** A property: its picture and name, then what can be set. */
function Line({ icon, label, children }: { icon: IconName; label: string; children: ReactNode }) {
  return (
    <div className="flex items-start gap-2">
      <span title={label} className="inline-flex size-8 shrink-0 items-center justify-center text-quiet max-sm:size-touch">
        <Icon name={icon} small />
        <span className="sr-only">{label}</span>
      </span>
      <div className="flex min-h-8 min-w-0 flex-1 items-center max-sm:min-h-touch">{children}</div>
    </div>
  );
}

function History({ task }: { task: Task }) {
  const now = useNow();
  const trail = useTrail(task.id);
  const entries = trail.data?.pages.flatMap((p) => p.audit_logs) ?? [];
  return (
    <section aria-label={words.history} className="mt-auto flex flex-col gap-2 border-t border-line pt-4">
      <h2 className="text-meta font-strong text-quiet">{words.history}</h2>
      {trail.isError && <Notice>{sayProblem(trail.error)}</Notice>}
      <Entries entries={entries} now={now} named={false} />
      {trail.hasNextPage && (
        <Button onClick={() => void trail.fetchNextPage()} disabled={trail.isFetchingNextPage}>
          {text.trail.more}
        </Button>
      )}
      <p className="text-meta text-quiet">{words.made(momentWords(task.created_at, new Date(now.at), now.zone).short)}</p>
    </section>
  );
}
