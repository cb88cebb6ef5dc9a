/** What a message is made of: words, what the agent did, and the tasks it is about. */
import { Link } from "@tanstack/react-router";
import { useNow, useTask } from "~/features/tasks/context";
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
    <details className="rounded-control border border-line px-3 py-1 text-meta text-quiet">
      <summary className="min-h-6">
        <span className="text-agent">{name}</span>
        {state && <> · {state}</>}
      </summary>
      <dl className="flex flex-col gap-2 py-2">
        <Json label={words.input} value={part.input} />
        {part.state === "output-available" && <Json label={words.output} value={part.output} />}
        {part.state === "output-error" && <Json label={words.output} value={part.errorText} />}
      </dl>
    </details>
  );
}

function stateOf(part: Extract<Part, { type: "dynamic-tool" }>): string | null {
  if (part.state === "output-error") return words.toolStates.failed;
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

/** A task as it is now, not as it was when the message was written. */
function TaskCard({ told }: { told: Task }) {
  const task = useTask(told.id) ?? told;
  const now = useNow();
  const due = dueWords(task, new Date(now.at), now.zone);
  return (
    <Link
      to="/tasks/$id"
      params={{ id: task.id }}
      search={{}}
      className="flex min-h-row items-center gap-3 self-start rounded-control border border-line px-3 hover:bg-hover max-sm:min-h-touch"
    >
      <Icon name={task.completed ? "done" : "all"} small />
      <span className={task.completed ? "text-quiet line-through" : ""}>{task.title}</span>
      {due && (
        <time dateTime={task.due_date ?? undefined} title={due.full} className="text-meta text-quiet">
          {due.short}
        </time>
      )}
    </Link>
  );
}
