/** Four priorities, one of them chosen: a radio group that looks like a row of words. */
import type { Priority, Task } from "~/lib/api";
import { text } from "~/text/en";
import { priorities } from "./filter";

export const priorityTones: Record<Priority, string> = {
  critical: "text-critical",
  high: "text-high",
  normal: "text-ink",
  low: "text-quiet",
};

export function PriorityField({ task, onSave }: { task: Task; onSave: (priority: Priority) => void }) {
  return (
    <fieldset>
      <legend className="sr-only">{text.tasks.panel.priority}</legend>
      <div className="flex flex-wrap gap-1">
        {priorities.map((p) => (
          <label
            key={p}
            className={`inline-flex min-h-8 cursor-pointer items-center rounded-control border px-2 text-meta has-checked:font-strong has-focus-visible:outline-2 has-focus-visible:outline-accent max-sm:min-h-touch ${priorityTones[p]} ${task.priority === p ? "border-current bg-hover" : "border-transparent hover:bg-hover"}`}
          >
            <input
              type="radio"
              name={"priority-" + task.id}
              value={p}
              checked={task.priority === p}
              onChange={() => onSave(p)}
              className="sr-only"
            />
            {text.tasks.priority[p]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
