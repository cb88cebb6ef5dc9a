/** Every key, on one sheet. */
import { text } from "~/text/en";
import { Dialog } from "~/ui/dialog";

export function KeySheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={text.keys.title} onClose={onClose}>
      <dl className="grid gap-x-8 gap-y-2 sm:grid-cols-2">
        {text.keys.all.map(([keys, what]) => (
          <div key={keys} className="flex items-center justify-between gap-4">
            <dt>{what}</dt>
            <dd className="flex gap-1">
              {keys.split(" ").map((k) => (
                <kbd key={k} className="rounded-control border border-line px-2 font-mono text-meta">
                  {k}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <p className="text-meta text-quiet">{text.keys.off}</p>
    </Dialog>
  );
}
