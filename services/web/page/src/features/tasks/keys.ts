/** The list by keyboard. Keys speak about the row that has the focus, else about the task whose panel is open. */
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { priorities } from "./filter";
import { useLive } from "./context";
import { useDeeds } from "./deeds";
import { useUndo } from "~/features/trail/undo";
import { useSays } from "~/features/shell/says";
import { keysOn } from "~/features/shell/preferences";

interface ListKeys {
  open: string | undefined;
  onClose: () => void;
}

const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[data-row]")];
const rowOf = (el: Element | null): HTMLElement | null => el?.closest<HTMLElement>("[data-task]") ?? null;

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

export function useListKeys({ open, onClose }: ListKeys): void {
  const live = useLive();
  const deeds = useDeeds();
  const { undoLast } = useSays();
  const undo = useUndo();
  const navigate = useNavigate();
  const latest = useRef<(event: KeyboardEvent) => void>(() => undefined);

  useEffect(() => {
    latest.current = (event) => {
      if (event.defaultPrevented) return;
      if (event.key === "Escape" && open && !document.querySelector("dialog[open], [role=dialog]")) return onClose();
      if (!keysOn() || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("dialog[open], [role=dialog]")) return;
      const id = rowOf(document.activeElement)?.dataset["task"] ?? open;
      const task = id ? live.store.read().tasks.get(id) : undefined;
      const openDue = async () => {
        if (!task) return;
        await navigate({ to: "/tasks/$id", params: { id: task.id }, search: (before: object) => before });
        requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-due]")?.focus());
      };
      const deed: Record<string, (() => unknown) | undefined> = {
        j: () => move(1),
        k: () => move(-1),
        z: () => undoLast() || undo.mutate({}), // what the page still shows, else the last of all
        ...(task &&
          !task.deleted_at && {
            x: () => (task.completed ? deeds.reopen(task) : deeds.complete(task)),
            e: () => rowOf(document.activeElement)?.querySelector<HTMLElement>("[data-edit]")?.click(),
            t: openDue,
            Delete: () => deeds.remove(task),
            ...Object.fromEntries(priorities.map((priority, i) => [String(i + 1), () => deeds.update(task, { priority })])),
          }),
      };
      const found = deed[event.key];
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
