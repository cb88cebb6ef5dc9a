/** Search as one types, and what the list shows and in which order. All of it lives in the address. */
import { useNavigate } from "@tanstack/react-router";
import { useId, useState, type ReactNode } from "react";
import { text } from "~/text/en";
import { IconButton } from "~/ui/button";
import { Icon } from "~/ui/icon";
import { priorities, sorts, statuses, type Filter } from "./filter";

const words = text.tasks.toolbar;
const selectClass = "min-h-8 rounded-control bg-transparent px-1 text-meta text-quiet hover:bg-hover max-sm:min-h-touch";

export function Toolbar({ filter }: { filter: Filter }) {
  const navigate = useNavigate();
  const id = useId();
  const [open, setOpen] = useState(false);
  const go = (search: Filter) => void navigate({ to: "/tasks", search, replace: true });
  const chosen = filter.status !== undefined || filter.priority !== undefined || filter.sort !== undefined;
  return (
    <div role="search" className="no-print flex flex-wrap items-center gap-2 border-b border-line pb-2">
      <Search value={filter.q ?? ""} onChange={(q) => go(withPart(filter, "q", q))} />
      <IconButton
        icon="sort"
        label={words.more}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className={`sm:hidden ${chosen ? "font-strong" : ""}`}
      />
      {/* On a phone they come when asked for: the list is the page. */}
      <div id={id} className={`flex flex-wrap items-center gap-2 ${open ? "" : "max-sm:hidden"}`}>
        <Choices filter={filter} go={go} />
      </div>
    </div>
  );
}

/** The filter with one part set, or taken out where it is undefined or empty. */
function withPart<K extends keyof Filter>(filter: Filter, key: K, value: Filter[K] | undefined): Filter {
  const { [key]: _was, ...rest } = filter;
  return (value === undefined || value === "" ? rest : { ...rest, [key]: value }) as Filter;
}

function Choices({ filter, go }: { filter: Filter; go: (search: Filter) => void }) {
  return (
    <>
      <Choice
        label={words.status}
        value={filter.status ?? ""}
        onChange={(v) =>
          go(
            withPart(
              filter,
              "status",
              statuses.find((s) => s === v),
            ),
          )
        }
      >
        <option value="">{words.open}</option>
        {statuses.map((s) => (
          <option key={s} value={s}>
            {words.statuses[s]}
          </option>
        ))}
      </Choice>
      <Choice
        label={words.priority}
        value={filter.priority?.[0] ?? ""}
        onChange={(v) => {
          const chosen = priorities.find((p) => p === v);
          go(withPart(filter, "priority", chosen && [chosen]));
        }}
      >
        <option value="">{words.anyPriority}</option>
        {priorities.map((p) => (
          <option key={p} value={p}>
            {text.tasks.priority[p]}
          </option>
        ))}
      </Choice>
      <Choice
        label={words.sort}
        value={filter.sort ?? ""}
        onChange={(v) =>
          go(
            withPart(
              filter,
              "sort",
              sorts.find((s) => s === v),
            ),
          )
        }
      >
        <option value="">{words.byDefault}</option>
        {sorts.map((s) => (
          <option key={s} value={s}>
            {words.sorts[s]}
          </option>
        ))}
      </Choice>
    </>
  );
}

function Search({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const id = useId();
  return (
    <div className="relative flex min-w-0 flex-1 basis-side items-center">
      <label htmlFor={id} className="sr-only">
        {text.tasks.toolbar.search}
      </label>
      <span className="pointer-events-none absolute left-2 text-quiet">
        <Icon name="search" small />
      </span>
      <input
        id={id}
        type="search"
        data-search
        value={value}
        placeholder={text.tasks.toolbar.search}
        onChange={(e) => onChange(e.target.value)}
        onKeyDown={(e) => {
          if (e.key !== "Escape") return;
          e.preventDefault();
          if (value) onChange("");
          else e.currentTarget.blur();
        }}
        className="min-h-8 w-full rounded-control bg-transparent pr-2 pl-8 hover:bg-hover max-sm:min-h-touch"
      />
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: ReactNode;
}

function Choice({ label, value, onChange, children }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(e) => onChange(e.target.value)}
      className={`${selectClass} ${value ? "font-strong text-ink" : ""}`}
    >
      {children}
    </select>
  );
}
