/** A new tag: typed, or one of those that are in use. */
import { useState } from "react";
import { text } from "~/text/en";
import { Combo } from "~/ui/combo";
import { useNow, useSnapshot } from "./context";
import { Counter } from "./counts";
import { sameTag } from "./facts";

export const longestTag = 50; // characters

/** A tag as it was meant: the sign before it is no part of it. */
export const cleanTag = (typed: string): string => typed.trim().replace(/^#/, "");

const mostOffered = 8;

/** The known tags that fit what was typed, the most used first; none while nobody types one. */
export function useKnownTags(typed: string | null, taken: readonly string[]) {
  const tasks = useSnapshot((s) => (typed === null ? null : s.tasks));
  const now = useNow();
  const [counter] = useState(() => new Counter());
  const known = tasks ? counter.count(tasks, now).tags : [];
  const wanted = (typed ?? "").trim().replace(/^#/, "").toLowerCase();
  const has = new Set(taken.map((t) => t.toLowerCase()));
  return known
    .filter(({ tag }) => !has.has(tag.toLowerCase()) && tag.toLowerCase().includes(wanted))
    .sort((a, b) => Number(b.tag.toLowerCase().startsWith(wanted)) - Number(a.tag.toLowerCase().startsWith(wanted)) || b.open - a.open)
    .slice(0, mostOffered)
    .map(({ tag, open }) => ({ value: tag, hint: String(open) }));
}

interface TagInputProps {
  taken: readonly string[];
  onAdd: (tag: string) => void;
  /** As a field of its own, with the known tags below it. */
  wide?: boolean;
  /** Whether no more fit. */
  full?: boolean;
}

export function TagInput({ taken, onAdd, wide = false, full = false }: TagInputProps) {
  const [typed, setTyped] = useState("");
  const [refused, setRefused] = useState(false);
  const options = useKnownTags(typed, taken);

  function add(value: string) {
    const tag = cleanTag(value);
    if (!tag) return;
    const there = taken.some((t) => sameTag(t, tag));
    const fits = !full && [...tag].length <= longestTag;
    setRefused(!there && !fits);
    if (!there && !fits) return;
    setTyped("");
    if (!there) onAdd(tag);
  }

  return (
    <div className="flex min-w-0 flex-1 basis-word flex-col">
      <Combo
        label={text.tasks.panel.addTag}
        placeholder={text.tasks.panel.addTag}
        value={typed}
        onType={setTyped}
        options={options}
        onTake={add}
        inline={wide}
        {...(wide && { "data-first": true })}
        aria-invalid={refused || undefined}
        onBlur={() => !wide && add(typed)}
        onKeyDown={(e) => {
          if (e.key === ",") {
            e.preventDefault();
            add(typed);
          } else if (e.key === "Escape" && typed) {
            e.preventDefault();
            setTyped("");
          }
        }}
        className={
          wide
            ? "min-h-row w-full rounded-control border border-mark bg-raised px-3 max-sm:min-h-touch"
            : "min-h-8 w-full rounded-control bg-transparent px-2 text-meta hover:bg-hover max-sm:min-h-touch"
        }
      />
      {refused && (
        <p role="alert" className="text-meta text-overdue">
          {text.tasks.panel.tooManyTags}
        </p>
      )}
    </div>
  );
}
