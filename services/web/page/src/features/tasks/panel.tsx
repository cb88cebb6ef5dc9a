/** One task beside its list: everything about it, its history below. */
import { lazy, Suspense, useEffect, useRef } from "react";
import { text } from "~/text/en";
import { IconButton } from "~/ui/button";
import { Empty, Shapes } from "~/ui/notice";
import { useSnapshot, useTask } from "./context";

// What is in it comes when a task is about to be opened: the list is there first.
const loadBody = () => import("./panel-body");
const PanelBody = lazy(() => loadBody().then((m) => ({ default: m.PanelBody })));
export const expectPanel = (): void => void loadBody().catch(() => undefined);

const words = text.tasks.panel;

export function Panel({ id, onClose }: { id: string; onClose: () => void }) {
  const task = useTask(id);
  const ready = useSnapshot((s) => s.ready);
  const frame = useRef<HTMLElement>(null);
  useEffect(() => {
    // Opened from the list, the panel takes the keyboard; opened by its address, the page keeps it.
    if (document.activeElement !== document.body) frame.current?.focus({ preventScroll: true });
  }, [id]);
  return (
    <aside
      ref={frame}
      tabIndex={-1}
      aria-label={task ? `${words.label}: ${task.title}` : words.label}
      className="enter fixed inset-y-0 right-0 z-20 flex w-panel max-w-full flex-col gap-3 overflow-y-auto border-l border-line bg-raised p-4 shadow-float outline-none max-sm:bottom-12 max-sm:w-full xl:sticky xl:top-0 xl:h-dvh xl:shrink-0 xl:bg-paper xl:shadow-none"
    >
      {task ? (
        <Suspense fallback={<Shapes label={text.tasks.loading} />}>
          <PanelBody key={task.id} task={task} onClose={onClose} />
        </Suspense>
      ) : ready ? (
        <Gone onClose={onClose} />
      ) : (
        <Shapes label={text.tasks.loading} />
      )}
    </aside>
  );
}

function Gone({ onClose }: { onClose: () => void }) {
  return (
    <>
      <IconButton icon="close" label={words.close} onClick={onClose} className="self-end" />
      <Empty words={words.gone} icon="search" />
    </>
  );
}
