/** The head of a list: its name, search as one types, and what is shown in which order. All of it lives in the address. */
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useDeferredValue, useEffect, useId, useRef, useState, type ReactNode } from "react";
import { text } from "~/text/en";
import { IconButton } from "~/ui/button";
import { Icon } from "~/ui/icon";
import { useLive, useSnapshot } from "./context";
import { priorities, sorts, statuses, viewName, views, type Filter } from "./filter";

const WholeTag = lazy(() => import("./whole-tag").then((m) => ({ default: m.WholeTag })));
const words = text.tasks.toolbar;

interface ToolbarProps {
  filter: Filter;
  title: string;
  /** What stands beside the title: the date, on Today. */
  aside: string | null;
}

export function Toolbar({ filter, title, aside }: ToolbarProps) {
  const navigate = useNavigate();
  const id = useId();
  const { store } = useLive();
  const selecting = useSnapshot((s) => s.selecting);
  const chosen = isChosen(filter);
  const [open, setOpen] = useState(false);
  const [searching, setSearching] = useState(false);
  const go = (search: Filter) => void navigate({ to: "/tasks", search, replace: true });
  return (
    <div className="flex flex-col gap-2">
      <div className="flex min-h-row items-center gap-1">
        <h1 className="min-w-0 truncate text-title font-head">{title}</h1>
        {aside && <p className="truncate pl-2 text-quiet">{aside}</p>}
        {filter.tag?.length === 1 && <TagButton tag={filter.tag[0] ?? ""} onDone={(tag) => go(tag ? { ...filter, tag: [tag] } : {})} />}
        <div className="no-print ml-auto flex shrink-0 items-center gap-1">
          <div role="search" className="max-sm:hidden">
            <Search value={filter.q ?? ""} onChange={(q) => go(withPart(filter, "q", q))} onAway={() => undefined} />
          </div>
          <IconButton
            icon="search"
            label={words.search}
            aria-expanded={searching}
            onClick={() => setSearching(!searching)}
            className="sm:hidden"
          />
          <IconButton
            icon="sort"
            label={words.more}
            aria-expanded={open || chosen}
            aria-controls={id}
            onClick={() => setOpen(!open)}
            className={chosen ? "text-accent" : ""}
          />
          <IconButton
            icon="select"
            label={words.select}
            aria-pressed={selecting}
            onClick={() => (selecting ? store.endSelecting() : store.select([]))}
            className="aria-pressed:text-accent"
          />
        </div>
      </div>
      {(searching || filter.q) && (
        <div role="search" className="no-print sm:hidden">
          <Search phone value={filter.q ?? ""} onChange={(q) => go(withPart(filter, "q", q))} onAway={() => setSearching(false)} />
        </div>
      )}
      <div id={id} hidden={!open && !chosen} className="no-print">
        {(open || chosen) && <Choices filter={filter} chosen={chosen} go={go} />}
      </div>
    </div>
  );
}

/** Beside the name of a tag: what can be done to the tag itself. */
function TagButton({ tag, onDone }: { tag: string; onDone: (tag: string | null) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton icon="edit" label={text.tasks.tag.edit(tag)} aria-haspopup="dialog" onClick={() => setOpen(true)} className="no-print" />
      {open && (
        <Suspense fallback={null}>
          <WholeTag tag={tag} onClose={() => setOpen(false)} onDone={onDone} />
        </Suspense>
      )}
    </>
  );
}

/** The filter with one part set, or taken out where it is undefined or empty. */
function withPart<K extends keyof Filter>(filter: Filter, key: K, value: Filter[K] | undefined): Filter {
  const { [key]: _was, ...rest } = filter;
  return (value === undefined || value === "" ? rest : { ...rest, [key]: value }) as Filter;
}

/** The list of the sidebar that this one is, without what was chosen on top. */
const plain = (filter: Filter): Filter => ({
  ...(viewName(filter) !== "all" && views[viewName(filter)]),
  ...(filter.tag && { tag: filter.tag }),
});

/** Whether something was chosen that its place in the sidebar does not say. */
const isChosen = (filter: Filter): boolean =>
  filter.status !== plain(filter).status || !!filter.priority || filter.sort !== undefined || filter.order !== undefined;

function Choices({ filter, chosen, go }: { filter: Filter; chosen: boolean; go: (search: Filter) => void }) {
  const set = <K extends keyof Filter>(key: K, value: Filter[K] | undefined) => go(withPart(filter, key, value));
  const status = (v: string) => set("status", statuses.find((s) => s === v)); // prettier-ignore
  const sort = (v: string) => set("sort", sorts.find((s) => s === v)); // prettier-ignore
  const priority = priorities.find((p) => p === filter.priority?.[0]);
  return (
    <div className="flex flex-wrap items-center gap-2 rounded-control bg-hover p-1">
      <Choice label={words.status} value={filter.status ?? ""} onChange={status} any={words.open}>
        {statuses.map((s) => (
          <option key={s} value={s}>
            {words.statuses[s]}
          </option>
        ))}
      </Choice>
      <Choice
        label={words.priority}
        value={priority ?? ""}
        onChange={(v) => {
          const chosen = priorities.find((p) => p === v);
          set("priority", chosen && [chosen]);
        }}
        any={words.anyPriority}
      >
        {priorities.map((p) => (
          <option key={p} value={p}>
            {text.tasks.priority[p]}
          </option>
        ))}
      </Choice>
      <Choice label={words.sort} value={filter.sort ?? ""} onChange={sort} any={words.byDefault}>
        {sorts.map((s) => (
          <option key={s} value={s}>
            {words.sorts[s]}
          </option>
        ))}
      </Choice>
      <Choice
        label={words.order}
        value={filter.order ?? ""}
        onChange={(v) => set("order", v === "asc" || v === "desc" ? v : undefined)}
        any={words.usualOrder}
      >
        <option value="asc">{words.orders.asc}</option>
        <option value="desc">{words.orders.desc}</option>
      </Choice>
      {chosen && (
        <button
          type="button"
          onClick={() => go(plain(filter))}
          className="ml-auto min-h-8 rounded-control px-2 text-meta text-accent hover:bg-raised max-sm:min-h-touch"
        >
          {words.reset}
        </button>
      )}
    </div>
  );
}

interface SearchProps {
  value: string;
  onChange: (q: string) => void;
  /** The keyboard leaves an empty field. */
  onAway: () => void;
  phone?: boolean;
}

function Search({ value, onChange, onAway, phone = false }: SearchProps) {
  const id = useId();
  // What is typed shows at once; the address, and the list with it, follow when there is time.
  const [own, setOwn] = useState<string | null>(null);
  const following = useDeferredValue(own);
  const typed = own ?? value;
  const go = useRef(onChange);
  useEffect(() => {
    go.current = onChange;
  });
  useEffect(() => {
    if (following !== null) go.current(following);
  }, [following]);
  if (own !== null && own === following && own === value) setOwn(null);
  return (
    <div className={`relative flex items-center ${phone ? "w-full" : "w-search"}`}>
      <label htmlFor={id} className="sr-only">
        {words.search}
      </label>
      <span className="pointer-events-none absolute left-2 text-quiet">
        <Icon name="search" small />
      </span>
      <input
        id={id}
        type="search"
        data-search
        value={typed}
        placeholder={words.search}
        autoFocus={phone} // eslint-disable-line jsx-a11y/no-autofocus -- it was asked for a moment ago
        onChange={(e) => setOwn(e.target.value)}
        onBlur={() => !typed && onAway()}
        onKeyDown={(e) => {
          if (e.key !== "Escape") return;
          e.preventDefault();
          if (typed) setOwn("");
          else e.currentTarget.blur();
        }}
        className="min-h-8 w-full rounded-control bg-transparent pr-2 pl-8 hover:bg-hover focus:bg-hover max-sm:min-h-touch max-sm:bg-hover"
      />
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** What nothing chosen is called. */
  any: string;
  children: ReactNode;
}

function Choice({ label, value, onChange, any, children }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(e) => onChange(e.target.value)}
      className={`min-h-8 max-w-full rounded-control bg-transparent px-1 text-meta hover:bg-raised max-sm:min-h-touch ${value ? "font-strong text-ink" : "text-quiet"}`}
    >
      <option value="">{any}</option>
      {children}
    </select>
  );
}
