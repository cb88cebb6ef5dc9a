/** What can be done to all marked rows at once. */
import { text } from "~/text/en";
import { Icon, type IconName } from "~/ui/icon";
import { IconButton } from "~/ui/button";
import { useLive, useSnapshot } from "./context";
import { useDeeds } from "./deeds";
import { usePick } from "./pick";

const words = text.tasks.bulk;

export function BulkBar() {
  const { store } = useLive();
  useSnapshot((s) => s); // the number follows what is marked, and what became of it
  const deeds = useDeeds();
  const pick = usePick();
  const tasks = store.chosen();
  const n = tasks.length;
  const open = tasks.filter((t) => !t.completed);
  const then = (deed: () => void) => () => {
    deed();
    store.endSelecting();
  };
  const trashed = n > 0 && tasks.every((t) => t.deleted_at !== null);
  return (
    <div
      role="toolbar"
      aria-label={words.label}
      className="bulk arrive no-print sticky bottom-4 z-30 mx-auto flex max-w-full flex-wrap items-center justify-center gap-1 rounded-panel border border-line bg-raised p-1 shadow-float max-lg:bottom-touch max-lg:mb-4"
    >
      <p role="status" className="figures px-3 font-strong">
        <span className="max-sm:sr-only">{words.count(n)}</span>
        <span aria-hidden="true" className="sm:hidden">
          {n}
        </span>
      </p>
      {trashed ? (
        <Do icon="undo" label={text.tasks.restore} onClick={then(() => deeds.restore(tasks))} />
      ) : (
        <>
          <Do
            icon="done"
            label={open.length > 0 ? words.complete : words.reopen}
            disabled={n === 0}
            onClick={then(() => (open.length > 0 ? deeds.complete(open) : deeds.reopen(tasks)))}
          />
          <Do icon="date" label={words.date} disabled={n === 0} onClick={() => pick({ kind: "date", tasks })} />
          <Do icon="flag" label={words.priority} disabled={n === 0} onClick={() => pick({ kind: "priority", tasks })} />
          <Do icon="tag" label={words.tag} disabled={n === 0} onClick={() => pick({ kind: "tag", tasks })} />
          <Do icon="trash" label={words.remove} disabled={n === 0} onClick={then(() => deeds.remove(tasks))} />
        </>
      )}
      <Do icon="all" label={words.everything} onClick={() => store.select(store.order)} />
      <IconButton icon="close" label={words.end} onClick={() => store.endSelecting()} className="max-sm:size-row" />
    </div>
  );
}

function Do({ icon, label, disabled, onClick }: { icon: IconName; label: string; disabled?: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      disabled={disabled}
      onClick={onClick}
      className="inline-flex min-h-8 items-center gap-2 rounded-control px-2 hover:bg-hover disabled:opacity-60 max-sm:size-row max-sm:justify-center max-sm:px-0"
    >
      <Icon name={icon} small />
      <span className="max-sm:sr-only">{label}</span>
    </button>
  );
}
