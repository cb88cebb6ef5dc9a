/** The tags of a task: each can be taken off, a new one is typed, the known ones are offered. */
import { useId, useMemo, useState } from "react";
import type { Task } from "~/lib/api";
import { text } from "~/text/en";
import { Icon } from "~/ui/icon";
import { useNow, useSnapshot } from "./context";
import { count } from "./select";

const most = { tags: 10, length: 50 };
const words = text.tasks.panel;

export function TagsField({ task, onSave }: { task: Task; onSave: (tags: string[]) => void }) {
  const id = useId();
  const { tasks } = useSnapshot();
  const now = useNow();
  const known = useMemo(() => count(tasks.values(), now).tags, [tasks, now]);
  const [typed, setTyped] = useState("");
  const [refused, setRefused] = useState(false);

  function add() {
    const tag = typed.trim().replace(/^#/, "");
    if (!tag) return;
    const there = task.tags.some((t) => t.toLowerCase() === tag.toLowerCase());
    const fits = task.tags.length < most.tags && [...tag].length <= most.length;
    setRefused(!there && !fits);
    if (!there && !fits) return;
    if (!there) onSave([...task.tags, tag]);
    setTyped("");
  }

  return (
    <div className="flex flex-col gap-1">
      <span className="text-meta font-strong text-quiet">{words.tags}</span>
      <div className="flex flex-wrap items-center gap-1">
        {task.tags.map((tag) => (
          <span key={tag} className="inline-flex items-center rounded-control bg-hover pl-2 text-meta">
            #{tag}
            <button
              type="button"
              aria-label={words.removeTag(tag)}
              onClick={() => onSave(task.tags.filter((t) => t !== tag))}
              className="inline-flex size-6 items-center justify-center rounded-control text-quiet hover:text-ink max-sm:size-touch"
            >
              <Icon name="close" small />
            </button>
          </span>
        ))}
        <input
          value={typed}
          list={id}
          aria-label={words.addTag}
          placeholder={words.addTag}
          aria-invalid={refused || undefined}
          onChange={(e) => setTyped(e.target.value)}
          onBlur={add}
          onKeyDown={(e) => {
            if (e.key === "Enter" || e.key === ",") {
              e.preventDefault();
              add();
            } else if (e.key === "Escape" && typed) {
              e.preventDefault();
              setTyped("");
            }
          }}
          className="min-h-8 w-side max-w-full flex-1 rounded-control bg-transparent px-2 text-meta hover:bg-hover max-sm:min-h-touch"
        />
        <datalist id={id}>
          {known.map(({ tag }) => (
            <option key={tag} value={tag} />
          ))}
        </datalist>
      </div>
      {refused && (
        <p role="alert" className="text-meta text-overdue">
          {words.tooManyTags}
        </p>
      )}
    </div>
  );
}
