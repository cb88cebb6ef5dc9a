/** Rows by the hand: taken from the list and let go on a day, a list or a tag. Every such way has a key or a sheet too. */
import { useState, type DragEvent } from "react";
import type { Task } from "~/lib/api";
import { useLive } from "./context";
import type { TaskStore } from "./store";

const kind = "application/x-tickler-tasks";

/** What is in the hand: the row, or all that are marked where it is one of them. */
export function lift(event: DragEvent, store: TaskStore, id: string): void {
  const { selected } = store.read();
  const ids = selected.has(id) ? [...selected] : [id];
  event.dataTransfer.setData(kind, JSON.stringify(ids));
  event.dataTransfer.effectAllowed = "move";
}

/** What makes an element a place where tasks can be let go; `over` while they are held above it. */
export function useDropPlace(onDrop: ((tasks: Task[]) => void) | undefined) {
  const { store } = useLive();
  const [over, setOver] = useState(false);
  if (!onDrop) return { over: false, place: {} };
  const place = {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(kind)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      setOver(true);
    },
    onDragLeave: (event: DragEvent) => {
      if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setOver(false);
    },
    onDrop: (event: DragEvent) => {
      setOver(false);
      const data = event.dataTransfer.getData(kind);
      if (!data) return;
      event.preventDefault();
      const ids = JSON.parse(data) as string[];
      onDrop(ids.flatMap((id) => store.read().tasks.get(store.idOf(id)) ?? []));
    },
  };
  return { over, place };
}
