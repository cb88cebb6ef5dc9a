/** The tags of a task: each can be taken off, a new one is typed, the known ones are offered. */
import type { Task } from "~/lib/api";
import { text } from "~/text/en";
import { Icon } from "~/ui/icon";
import { TagInput } from "./tag-input";

const mostTags = 10;
const words = text.tasks.panel;

export function TagsField({ task, onSave }: { task: Task; onSave: (tags: string[]) => void }) {
  return (
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
      <TagInput taken={task.tags} full={task.tags.length >= mostTags} onAdd={(tag) => onSave([...task.tags, tag])} />
    </div>
  );
}
