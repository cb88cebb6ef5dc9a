/** Small sheets to choose a date, a priority or a tag for one task or many: from a row, the panel, a key or the palette. */
import { createContext, use, useCallback, useMemo, useState, type ReactNode } from "react";
import type { Task } from "~/lib/api";
import { text } from "~/text/en";
import { Dialog } from "~/ui/dialog";
import { DateSheet } from "./date-sheet";
import { useDeeds } from "./deeds";
import { sameTag } from "./facts";
import { priorities } from "./filter";
import { priorityTones } from "./priority-field";
import { TagInput } from "./tag-input";
import { Icon } from "~/ui/icon";

export type Picking = { kind: "date" | "priority" | "tag"; tasks: readonly Task[] };

const PickContext = createContext<(picking: Picking) => void>(() => undefined);
export const usePick = (): ((picking: Picking) => void) => use(PickContext);

export function PickProvider({ children }: { children: ReactNode }) {
  const [picking, setPicking] = useState<Picking | null>(null);
  const close = useCallback(() => setPicking(null), []);
  const pick = useMemo(() => (wanted: Picking) => setPicking(wanted.tasks.length > 0 ? wanted : null), []);
  return (
    <PickContext value={pick}>
      {children}
      {picking?.kind === "date" && <DateSheet tasks={picking.tasks} onClose={close} />}
      {picking?.kind === "priority" && <PrioritySheet tasks={picking.tasks} onClose={close} />}
      {picking?.kind === "tag" && <TagSheet tasks={picking.tasks} onClose={close} />}
    </PickContext>
  );
}

interface SheetProps {
  tasks: readonly Task[];
  onClose: () => void;
}

function PrioritySheet({ tasks, onClose }: SheetProps) {
  const deeds = useDeeds();
  return (
    <Dialog title={text.tasks.panel.priority} onClose={onClose} narrow>
      <ul>
        {priorities.map((priority) => (
          <li key={priority}>
            <button
              type="button"
              onClick={() => {
                onClose();
                deeds.update(tasks, { priority });
              }}
              className={`flex min-h-row w-full items-center gap-3 rounded-control px-2 hover:bg-hover max-sm:min-h-touch ${priorityTones[priority]}`}
            >
              <Icon name="flag" />
              {text.tasks.priority[priority]}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function TagSheet({ tasks, onClose }: SheetProps) {
  const deeds = useDeeds();
  const has = (task: Task, tag: string) => task.tags.some((t) => sameTag(t, tag));
  const add = (tag: string) => {
    onClose();
    const without = tasks.filter((t) => !has(t, tag));
    if (without.length > 0) deeds.update(without, (task) => ({ tags: [...task.tags, tag] }));
  };
  return (
    <Dialog title={text.tasks.panel.addTag} onClose={onClose} narrow>
      <TagInput taken={[]} onAdd={add} wide />
    </Dialog>
  );
}
