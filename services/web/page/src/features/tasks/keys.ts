/**
 * The list by keyboard, with the letters that Todoist has for it where it has one. Keys speak about the rows that are marked, else about the row that has the focus, else about the
 * task whose panel is open.
 */
import { useEffect, useRef } from "react";
import { priorities } from "./filter";
import type { Task } from "~/lib/api";
import { useLive } from "./context";
import { useDeeds } from "./deeds";
import { usePick } from "./pick";
import { useUndo } from "~/features/trail/undo";
import { useSays } from "~/features/shell/says";
import { keysOn } from "~/features/shell/preferences";
import type { TaskStore } from "./store";

interface ListKeys {
  open: string | undefined;
  onClose: () => void;
}

const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[data-row]")];
const rowOf = (el: Element | null): HTMLElement | null => el?.closest<HTMLElement>("[data-task]") ?? null;
const focusedId = (): string | undefined => rowOf(document.activeElement)?.dataset["task"];
const isDialogOpen = (): boolean => document.querySelector("dialog[open], [role=dialog]") !== null;

/** Whether a key is being typed into something, and so is no command. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
}

function move(by: 1 | -1): void {
  const all = rows();
  const here = rowOf(document.activeElement)?.querySelector<HTMLElement>("[data-row]");
  const at = here ? all.indexOf(here) : -1;
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** Marks the row that has the focus and the one that it goes to. */
function extend(store: TaskStore, by: 1 | -1): void {
  const from = focusedId();
  move(by);
  const to = focusedId();
  store.select([...store.read().selected, ...[from, to].flatMap((id) => id ?? [])]);
}

/** The rows that a key is about. */
function meant(store: TaskStore, open: string | undefined): Task[] {
  const chosen = store.chosen();
  if (chosen.length > 0) return chosen;
  const id = focusedId() ?? open;
  return id ? [store.read().tasks.get(store.idOf(id))].flatMap((task) => task ?? []) : [];
}

export function useListKeys({ open, onClose }: ListKeys): void {
  const { store } = useLive();
  const deeds = useDeeds();
  const pick = usePick();
  const { undoLast } = useSays();
  const undo = useUndo();
  const latest = useRef<(event: KeyboardEvent) => void>(() => undefined);

  useEffect(() => {
    const about = (tasks: Task[]): Record<string, () => unknown> => ({
      e: () => {
        const undone = tasks.filter((t) => !t.completed);
        if (undone.length > 0) deeds.complete(undone);
        else deeds.reopen(tasks);
      },
      r: () => rowOf(document.activeElement)?.querySelector<HTMLElement>("[data-edit]")?.click(),
      t: () => pick({ kind: "date", tasks }),
      "#": () => pick({ kind: "tag", tasks }),
      Delete: () => deeds.remove(tasks),
      Backspace: () => deeds.remove(tasks),
      ...Object.fromEntries(priorities.map((priority, i) => [String(i + 1), () => deeds.update(tasks, { priority })])),
    });
    latest.current = (event) => {
      if (event.defaultPrevented || isDialogOpen()) return;
      const { selecting } = store.read();
      if (event.key === "Escape" && selecting) return store.endSelecting();
      if (event.key === "Escape" && open && !isTyping(event.target)) return onClose();
      if (!keysOn() || event.altKey || isTyping(event.target)) return;
      const all = (event.ctrlKey || event.metaKey) && event.key === "a" && focusedId() !== undefined;
      if ((event.ctrlKey || event.metaKey) && !all) return;
      const tasks = meant(store, open).filter((t) => t.deleted_at === null);
      const deed: Record<string, (() => unknown) | undefined> = {
        j: () => move(1),
        k: () => move(-1),
        ArrowDown: focusedId() ? () => move(1) : undefined,
        ArrowUp: focusedId() ? () => move(-1) : undefined,
        J: () => extend(store, 1),
        K: () => extend(store, -1),
        a: all ? () => store.select(store.order) : undefined,
        x: () => {
          const id = focusedId();
          if (id) store.toggle(id);
        },
        z: () => undoLast() || undo.mutate({}), // what the page still shows, else the last of all
        ...(tasks.length > 0 && about(tasks)),
      };
      const key = event.shiftKey && event.key.startsWith("Arrow") ? { ArrowDown: "J", ArrowUp: "K" }[event.key] : event.key;
      const found = key && deed[key];
      if (!found) return;
      event.preventDefault();
      void found();
    };
  });

  useEffect(() => {
    const listen = (event: KeyboardEvent) => latest.current(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}
