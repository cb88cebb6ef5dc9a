/** What a row says beside its title: priority, tags, whether it repeats and reminds, when it is due. */
import type { Task } from "~/lib/api";
import { dueClock, dueDay, dueWords, momentWords } from "~/lib/time";
import { text } from "~/text/en";
import { Icon } from "~/ui/icon";
import { isOverdue, type Now } from "./select";

interface RowMetaProps {
  task: Task;
  now: Now;
  /** The day that the heading above says already. */
  under: string | null | undefined;
  /** Whether what was done to it is not sent yet, for want of a connection. */
  waiting: boolean;
}

export function RowMeta({ task, now, under, waiting }: RowMetaProps) {
  const rising = task.priority === "critical" || task.priority === "high";
  const waits = task.reminders.filter((r) => r.status === "scheduled").length;
  return (
    <span className="flex flex-wrap items-center gap-x-2 text-meta text-quiet">
      {waiting && (
        <span className="inline-flex items-center gap-1">
          <Icon name="waiting" small />
          {text.tasks.waits}
        </span>
      )}
      {rising && (
        <span className={`inline-flex items-center gap-1 ${task.priority === "high" ? "text-high" : "text-critical"}`}>
          <Icon name="flag" small />
          {text.tasks.priority[task.priority]}
        </span>
      )}
      {task.tags.map((tag) => (
        <span key={tag}>#{tag}</span>
      ))}
      {task.description && <Sign icon="notes" words={text.tasks.hasNotes} />}
      {waits > 0 && <Sign icon="bell" words={text.tasks.reminds(waits)} />}
      {task.recurrence_rule && <Sign icon="repeat" words={text.tasks.repeats(task.recurrence_rule.text)} />}
      {task.completed_at ? <Done at={task.completed_at} now={now} /> : <Due task={task} now={now} under={under} />}
      {task.deleted_at && <span>{text.tasks.deletedAgo(momentWords(task.deleted_at, new Date(now.at), now.zone).short)}</span>}
    </span>
  );
}

function Sign({ icon, words }: { icon: "notes" | "bell" | "repeat"; words: string }) {
  return (
    <span title={words}>
      <Icon name={icon} small />
      <span className="sr-only">{words}</span>
    </span>
  );
}

/** Of what is done, when that was matters more than when it was due. */
function Done({ at, now }: { at: string; now: Now }) {
  const words = momentWords(at, new Date(now.at), now.zone);
  return (
    <time dateTime={at} title={words.full}>
      {text.tasks.doneAgo(words.short)}
    </time>
  );
}

/** Under the heading of its day a task says its time alone. */
function Due({ task, now, under }: { task: Task; now: Now; under: string | null | undefined }) {
  const due = dueWords(task, new Date(now.at), now.zone);
  if (!due) return null;
  const overdue = isOverdue(task, now);
  const short = under != null && dueDay(task, now.zone) === under ? dueClock(task, now.zone) : due.short;
  if (!short) return <span className="sr-only">{text.tasks.due(due.full)}</span>;
  return (
    <time dateTime={task.due_date ?? undefined} title={due.full} className={overdue ? "font-strong text-overdue" : ""}>
      <span className="sr-only">{text.tasks.due(due.full)}</span>
      <span aria-hidden="true">{short}</span>
      {overdue && <span className="sr-only">, {text.tasks.overdueWord}</span>}
    </time>
  );
}
