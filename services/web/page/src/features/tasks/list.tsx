/** The list: groups of rows, one hairline between groups. A long one is drawn only where one looks. */
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Task } from "~/lib/api";
import { NoConnection, sayProblem } from "~/lib/problem";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { Empty, Notice, Shapes } from "~/ui/notice";
import { useLive, useNow, useSnapshot } from "./context";
import { isNarrowed, viewName, type Filter } from "./filter";
import { Row } from "./row";
import { select, type Group, type Now } from "./select";

/** From this many rows on the list is virtual; below, all of it is there to be found, printed and read. */
const many = 200;

export function useGroups(filter: Filter): Group[] {
  const { tasks, held } = useSnapshot();
  const { rowKey } = useLive().store;
  const now = useNow();
  return useMemo(
    () => select(tasks.values(), filter, now, { placed: (t) => held.get(t.id) ?? t, name: rowKey }),
    [tasks, held, filter, now, rowKey],
  );
}

export function TaskList({ filter, open }: { filter: Filter; open: string | undefined }) {
  const live = useLive();
  const { ready, failed, tasks, glowing } = useSnapshot();
  const now = useNow();
  const groups = useGroups(filter);
  const name = viewName(filter);
  if (failed && tasks.size === 0)
    return (
      <Notice action={<Button onClick={() => void live.fill()}>{text.problem.retry}</Button>}>
        {failed instanceof NoConnection ? text.problem.away : `${text.problem.load} ${sayProblem(failed)}`}
      </Notice>
    );
  if (!ready && tasks.size === 0) return <Shapes label={text.tasks.loading} />;
  if (groups.length === 0) return <Empty words={isNarrowed(filter) ? text.empty.filtered : text.empty[name]} />;
  const rows = groups.reduce((n, g) => n + g.tasks.length, 0);
  const shared = { groups, now, glowing, open, name: text.nav[name], rowKey: live.store.rowKey };
  return rows > many ? <LongList {...shared} rows={rows} /> : <ShortList {...shared} />;
}

interface Shared {
  groups: Group[];
  now: Now;
  glowing: ReadonlySet<string>;
  /** The task whose panel is open. */
  open: string | undefined;
  name: string;
  rowKey: (id: string) => string;
}

function Heading({ group }: { group: Group }) {
  return (
    <h2 className={`px-2 pb-1 text-meta font-strong ${group.key === "overdue" ? "text-overdue" : "text-quiet"}`}>
      {group.label} · <span className="figures">{group.tasks.length.toLocaleString("en")}</span>
    </h2>
  );
}

function ShortList({ groups, now, glowing, open, name, rowKey }: Shared) {
  return (
    <div className="flex flex-col gap-4">
      {groups.map((group) => (
        <section
          key={group.key}
          aria-label={text.tasks.listLabel(group.label ?? name)}
          className="border-b border-line pb-2 last:border-b-0"
        >
          {group.label && <Heading group={group} />}
          <ul>
            {group.tasks.map((task) => (
              <li key={rowKey(task.id)}>
                <Row task={task} now={now} glowing={glowing.has(task.id)} open={task.id === open} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

type Item = { key: string; heading: Group } | { key: string; task: Task; place: number };

function LongList({ groups, now, glowing, open, name, rowKey, rows }: Shared & { rows: number }) {
  const items = useMemo(() => flat(groups, rowKey), [groups, rowKey]);
  const place = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(place.current?.offsetTop ?? 0), []);
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => 40,
    overscan: 12,
    scrollMargin: top,
    getItemKey: (i) => items[i]?.key ?? i,
  });
  return (
    <div ref={place} role="list" aria-label={text.tasks.listLabel(name)} className="relative" style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map((at) => {
        const item = items[at.index];
        if (!item) return null;
        const row = "task" in item;
        return (
          <div
            key={item.key}
            ref={virtual.measureElement}
            data-index={at.index}
            {...(row ? { role: "listitem", "aria-setsize": rows, "aria-posinset": item.place } : { role: "presentation" })}
            className="absolute inset-x-0 top-0"
            style={{ transform: `translateY(${at.start - top}px)` }}
          >
            {row ? (
              <Row task={item.task} now={now} glowing={glowing.has(item.task.id)} open={item.task.id === open} />
            ) : (
              <Heading group={item.heading} />
            )}
          </div>
        );
      })}
    </div>
  );
}

function flat(groups: Group[], rowKey: (id: string) => string): Item[] {
  let place = 0;
  return groups.flatMap((group): Item[] => [
    ...(group.label ? [{ key: "group-" + group.key, heading: group }] : []),
    ...group.tasks.map((task) => ({ key: rowKey(task.id), task, place: ++place })),
  ]);
}
