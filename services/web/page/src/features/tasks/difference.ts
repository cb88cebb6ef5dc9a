/** What changed from one state of the tasks to another, looked for once, whoever asks. */
import type { Task } from "~/lib/api";

export type Tasks = ReadonlyMap<string, Task>;

/** From so many changes on, looking at all is no slower. */
const few = 200;

const found = new WeakMap<Tasks, { from: Tasks; ids: ReadonlySet<string> | null }>();

/** The ids of the tasks that changed, came or went; null where those are many. */
export function difference(from: Tasks, to: Tasks): ReadonlySet<string> | null {
  const known = found.get(to);
  if (known?.from === from) return known.ids;
  const ids = from === to ? new Set<string>() : differing(from, to);
  found.set(to, { from, ids });
  return ids;
}

function differing(from: Tasks, to: Tasks): Set<string> | null {
  const out = new Set<string>();
  let had = 0;
  for (const [id, task] of to) {
    const was = from.get(id);
    if (was) had++;
    if (was === task) continue;
    if (out.size === few) return null;
    out.add(id);
  }
  if (had < from.size) for (const id of from.keys()) if (!to.has(id)) out.add(id);
  return out.size > few ? null : out;
}
