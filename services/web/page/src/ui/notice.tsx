/** A calm message about something that did not work, with what to do. Read out at once where it appears. */
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon";

export function Notice({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 rounded-control border border-overdue bg-raised px-3 py-2">
      <p className="flex-1 basis-side">{children}</p>
      {action}
    </div>
  );
}

/** What an empty list says: one line that names it, one that teaches something. */
export function Empty({ words, icon, children }: { words: readonly [string, string]; icon?: IconName; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-1 px-4 py-12 text-center">
      {icon && (
        <span className="mb-2 inline-flex size-12 items-center justify-center rounded-full bg-hover text-quiet">
          <Icon name={icon} />
        </span>
      )}
      <p className="font-strong">{words[0]}</p>
      <p className="text-quiet">{words[1]}</p>
      {children}
    </div>
  );
}

/** The shapes of rows while the first ones load; they come only when it takes longer than a blink. */
export function Shapes({ label, rows = 6 }: { label: string; rows?: number }) {
  return (
    <div className="late" role="status">
      <span className="sr-only">{label}</span>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="flex min-h-row items-center gap-3 px-2" aria-hidden="true">
          <span className="size-mark rounded-full bg-line" />
          <span className={`h-3 rounded-control bg-line ${["w-panel", "w-side", "w-form"][i % 3]} max-w-full`} />
        </div>
      ))}
    </div>
  );
}
