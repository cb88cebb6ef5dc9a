/** What a message is made of: words, what the agent did, and the tasks it is about. */
import { Link } from "@tanstack/react-router";
import { useNow, useTask } from "~/features/tasks/context";
import { useDeeds } from "~/features/tasks/deeds";
import { Circle } from "~/features/tasks/row";
import type { Task } from "~/lib/api";
import { dueWords } from "~/lib/time";
import { text } from "~/text/en";
import { Icon } from "~/ui/icon";
import { Prose } from "./prose";
import type { ChatMessage } from "./transport";

const words = text.chat;
type Part = ChatMessage["parts"][number];

export function MessageView({ message }: { message: ChatMessage }) {
  const mine = message.role === "user";
  return (
    <article
      aria-label={mine ? words.you : words.agent}
      className={`flex flex-col gap-2 ${mine ? "self-end rounded-panel bg-accent-soft px-4 py-2" : ""} max-w-full`}
    >
      {message.parts.map((part, i) => (
        <PartView key={i} part={part} mine={mine} />
      ))}
    </article>
  );
}

function PartView({ part, mine }: { part: Part; mine: boolean }) {
  if (part.type === "text") return mine ? <p className="whitespace-pre-wrap">{part.text}</p> : <Prose source={part.text} />;
  if (part.type === "dynamic-tool") return <Tool part={part} />;
  if (part.type === "data-task") return <TaskCard told={part.data} />;
  return null; // steps and reasoning are not for reading
}

function Tool({ part }: { part: Extract<Part, { type: "dynamic-tool" }> }) {
  const name = words.tools[part.toolName as keyof typeof words.tools] ?? part.toolName.replaceAll("_", " ");
  const state = stateOf(part);
  return (
    <details className="-my-1 text-meta text-quiet">
      <summary className="flex min-h-6 items-center gap-1 self-start max-sm:min-h-row">
        <span className="fold inline-flex" aria-hidden="true">
          <Icon name="next" small />
        </span>
        <span className="text-agent">{name}</span>
        {state && <> · {state}</>}
      </summary>
      <dl className="my-1 ml-2 flex flex-col gap-2 border-l border-line py-1 pl-3">
        <Json label={words.input} value={part.input} />
        {part.state === "output-available" && <Json label={words.output} value={part.output} />}
        {part.state === "output-error" && <Json label={words.output} value={part.errorText} />}
      </dl>
    </details>
  );
}

function stateOf(part: Extract<Part, { type: "dynamic-tool" }>): string | null {
  if (part.state === "output-error") return words.toolStates.failed;
  if (part.state === "output-denied") return words.toolStates.denied;
  if (part.state === "approval-responded") return part.approval.approved ? words.toolStates.allowed : words.toolStates.denied;
  if (asksFirst(part)) return words.toolStates.asks;
  return part.state.startsWith("input") ? words.toolStates.running : null;
}

/** Whether a part asks before it changes more than one task. */
export function asksFirst(part: Part): boolean {
  if (part.type !== "dynamic-tool") return false;
  if (part.state === "approval-requested") return true;
  const output =
    part.state === "output-available" ? (part.output as { status?: unknown; structuredContent?: { status?: unknown } } | null) : null;
  return output?.status === "confirm" || output?.structuredContent?.status === "confirm";
}

function Json({ label, value }: { label: string; value: unknown }) {
  if (value === undefined) return null;
  return (
    <div>
      <dt className="font-strong">{label}</dt>
      <dd>
        <pre className="overflow-x-auto whitespace-pre-wrap font-mono">
          {typeof value === "string" ? value : JSON.stringify(value, null, 2)}
        </pre>
      </dd>
    </div>
  );
}

/** A task as it is now, not as it was when the message was written; it can be ticked where it stands. */
function TaskCard({ told }: { told: Task }) {
  const known = useTask(told.id);
  const deeds = useDeeds();
  const now = useNow();
  const task = known ?? told;
  const due = dueWords(task, new Date(now.at), now.zone);
  return (
    <div className="flex max-w-full items-start gap-1 self-start rounded-control border border-line pr-3 pl-1 hover:bg-hover">
      {known && !known.deleted_at && <Circle task={known} deeds={deeds} />}
      <Link
        to="/tasks/$id"
        params={{ id: task.id }}
        search={{}}
        className="flex min-h-row min-w-0 flex-wrap content-center items-center gap-x-3 max-sm:min-h-touch"
      >
        <span className={task.completed || task.deleted_at ? "text-quiet line-through" : ""}>{task.title}</span>
        {due && (
          <time dateTime={task.due_date ?? undefined} title={due.full} className="text-meta text-quiet">
            {due.short}
          </time>
        )}
      </Link>
    </div>
  );
}
