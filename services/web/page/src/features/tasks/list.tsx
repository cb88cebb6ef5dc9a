/** The list: groups of rows, one hairline between groups. A long one is drawn only where one looks. */
import { Link, useNavigate, useRouter } from "@tanstack/react-router";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { lazy, memo, Suspense, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { Task } from "~/lib/api";
import { NoConnection, sayProblem } from "~/lib/problem";
import { numberWords, text } from "~/text/en";
import { Button } from "~/ui/button";
import { narrow, useMedia } from "~/ui/media";
import { Empty, Notice, Shapes } from "~/ui/notice";
import { useLive, useNow, useSnapshot } from "./context";
import { useDeeds } from "./deeds";
import { useDropPlace } from "./drag";
import { isNarrowed, viewName, type Filter } from "./filter";
import { Lister, type List } from "./lister";
import type { Places } from "./places";
import { Row, type Way } from "./row";
import type { Group, Now } from "./select";

const BulkBar = lazy(() => import("./bulk-bar").then((m) => ({ default: m.BulkBar })));

/** From this many rows on the list is virtual; below, all of it is there to be found, printed and read. */
const many = 200;

/** How high a heading is, in pixels. */
const headingHigh = 22;

function useList(filter: Filter): List {
  const tasks = useSnapshot((s) => s.tasks);
  const held = useSnapshot((s) => s.held);
  const { rowKey } = useLive().store;
  const now = useNow();
  const [lister] = useState(() => new Lister());
  return useMemo(() => lister.list(tasks, held, { filter, now, name: rowKey }), [lister, tasks, held, filter, now, rowKey]);
}

export const TaskList = memo(function TaskList({ filter, open }: { filter: Filter; open: string | undefined }) {
  const live = useLive();
  const ready = useSnapshot((s) => s.ready);
  const failed = useSnapshot((s) => s.failed);
  const none = useSnapshot((s) => s.tasks.size === 0);
  const selecting = useSnapshot((s) => s.selecting);
  const { groups, places } = useList(filter);
  const name = viewName(filter);
  const { rows } = places;
  useEffect(() => live.store.setOrder(() => places.ids()), [places, live]);
  useKeptFocus(groups);
  const { endSelecting } = live.store;
  const shown = useRef(filter);
  useEffect(() => {
    if (shown.current !== filter) endSelecting(); // marks belong to the list they were made on
    shown.current = filter;
  }, [filter, endSelecting]);
  if (failed && none)
    return (
      <Notice action={<Button onClick={() => void live.fill()}>{text.problem.retry}</Button>}>
        {failed instanceof NoConnection ? text.problem.away : `${text.problem.load} ${sayProblem(failed)}`}
      </Notice>
    );
  if (!ready && none) return <Shapes label={text.tasks.loading} />;
  const Rows = rows > many ? LongList : ShortList;
  return (
    <>
      {rows === 0 && (
        <Empty words={isNarrowed(filter) ? text.empty.filtered : text.empty[name]} icon={isNarrowed(filter) ? "search" : name}>
          {filter.q && filter.status !== "all" && (
            <Link to="/tasks" search={{ q: filter.q, status: "all" }} className="text-accent underline underline-offset-4">
              {text.empty.everywhere}
            </Link>
          )}
        </Empty>
      )}
      {groups.length > 0 && <Rows groups={groups} places={places} name={text.nav[name]} filter={filter} open={open} />}
      {selecting && (
        <Suspense fallback={null}>
          <BulkBar />
        </Suspense>
      )}
    </>
  );
});

/** When the row that has the keyboard leaves the list, the one that takes its place gets it. */
function useKeptFocus(groups: readonly Group[]): void {
  const last = useRef<{ id: string; at: number } | null>(null);
  useEffect(() => {
    const note = (event: FocusEvent) => {
      const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-task]") : null;
      const id = row?.dataset["task"];
      last.current = id ? { id, at: [...document.querySelectorAll("[data-task]")].indexOf(row) } : null;
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, []);
  useEffect(() => {
    const was = last.current;
    if (!was || document.activeElement !== document.body) return;
    const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
    const same = document.querySelector<HTMLElement>(`[data-task="${CSS.escape(was.id)}"] [data-row]`);
    (same ?? rows[Math.min(was.at, rows.length - 1)])?.focus({ preventScroll: true });
  }, [groups]);
}

interface ListProps {
  groups: Group[];
  places: Places;
  name: string;
  filter: Filter;
  /** The task whose panel is open. */
  open: string | undefined;
}

/** A row with what the list knows of it. */
function useRow(filter: Filter, open: string | undefined): (task: Task, group: Group, now: Now) => ReactNode {
  const glowing = useSnapshot((s) => s.glowing);
  const selecting = useSnapshot((s) => s.selecting);
  const selected = useSnapshot((s) => s.selected);
  const pending = useSnapshot((s) => s.replica.pending);
  const away = useSnapshot((s) => s.stuck || (s.feed !== "live" && s.feed !== "connecting"));
  const waiting = useMemo(() => new Set(away ? pending.map((c) => c.taskId) : []), [pending, away]);
  const way = useWay(filter);
  return (task, group, now) => (
    <Row
      task={task}
      way={way}
      now={now}
      under={group.day}
      glowing={glowing.has(task.id)}
      open={task.id === open}
      selecting={selecting}
      selected={selected.has(task.id)}
      waiting={waiting.has(task.id)}
    />
  );
}

/** How rows lead to their tasks: worked out once for all of them, as a thousand of the router's links would be slow. */
function useWay(filter: Filter): Way {
  const navigate = useNavigate();
  const { stringifySearch } = useRouter().options;
  return useMemo(
    () => ({
      href: (id) => `/tasks/${id}${stringifySearch(filter)}`,
      go: (id) => void navigate({ to: "/tasks/$id", params: { id }, search: (before: Filter) => before }),
    }),
    [navigate, stringifySearch, filter],
  );
}

/** A task that is let go on a group gets its day. */
function useDay(group: Group | undefined) {
  const deeds = useDeeds();
  const day = group?.day;
  return useDropPlace(day === undefined ? undefined : (tasks) => deeds.move(tasks, day));
}

function Heading({ group }: { group: Group }) {
  const n = group.tasks.length;
  return (
    <h2 className={`px-2 pb-1 text-meta font-strong ${group.key === "overdue" ? "text-overdue" : "text-quiet"}`}>
      {group.label}
      {n > 0 && (
        <>
          {" "}
          · <span className="figures">{numberWords(n)}</span>
        </>
      )}
    </h2>
  );
}

function ShortList({ groups, name, filter, open }: ListProps) {
  const now = useNow();
  const row = useRow(filter, open);
  const { rowKey } = useLive().store;
  return (
    <div className="flex flex-col gap-4">
      {groups.map((group) => (
        <Section key={group.key} group={group} name={name}>
          {group.tasks.map((task) => (
            <li key={rowKey(task.id)}>{row(task, group, now)}</li>
          ))}
        </Section>
      ))}
    </div>
  );
}

function Section({ group, name, children }: { group: Group; name: string; children: ReactNode }) {
  const { over, place } = useDay(group);
  return (
    <section
      {...place}
      aria-label={text.tasks.listLabel(group.label ?? name)}
      className={`border-b border-line pb-2 last:border-b-0 ${over ? "drop" : ""} ${group.tasks.length === 0 ? "no-print" : ""}`}
    >
      {group.label && <Heading group={group} />}
      {group.tasks.length > 0 && <ul>{children}</ul>}
    </section>
  );
}

function LongList({ groups, places, name, filter, open }: ListProps) {
  const now = useNow();
  const row = useRow(filter, open);
  const { rowKey } = useLive().store;
  const high = useMedia(narrow) ? 48 : 40; // pixels, as long as a title needs no second line
  // Both stay the same functions while the rows stay where they are: for new ones all rows are measured anew.
  const estimateSize = useCallback((i: number) => (places.at(i)?.nth === 0 ? headingHigh : high), [places, high]);
  const getItemKey = useCallback((i: number) => places.key(i, rowKey), [places, rowKey]);
  const place = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(place.current?.offsetTop ?? 0), []);
  const virtual = useWindowVirtualizer({
    count: places.count,
    estimateSize,
    overscan: 12,
    scrollMargin: top,
    getItemKey,
  });
  return (
    <div ref={place} role="list" aria-label={text.tasks.listLabel(name)} className="relative" style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map((at) => {
        const item = places.at(at.index);
        const group = item && groups[item.group];
        if (!group) return null;
        const task = group.tasks[item.at];
        return (
          <div
            key={at.key}
            ref={virtual.measureElement}
            data-index={at.index}
            {...(task ? { role: "listitem", "aria-setsize": places.rows, "aria-posinset": item.nth } : { role: "presentation" })}
            className="absolute inset-x-0 top-0"
            style={{ transform: `translateY(${at.start - top}px)` }}
          >
            <Place group={group}>{task ? row(task, group, now) : <Heading group={group} />}</Place>
          </div>
        );
      })}
    </div>
  );
}

function Place({ group, children }: { group: Group; children: ReactNode }) {
  const { over, place } = useDay(group);
  return (
    <div {...place} className={over ? "drop" : ""}>
      {children}
    </div>
  );
}
