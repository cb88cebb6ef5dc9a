/** A part of a settings page: its name, then what can be set. */
import { useId, type ReactNode } from "react";

export function Section({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex flex-col gap-4 border-b border-line pb-6 last:border-b-0">
      <div className="flex flex-col gap-1">
        <h2 id={id} className="font-head">
          {title}
        </h2>
        {lead && <p className="text-quiet">{lead}</p>}
      </div>
      {children}
    </section>
  );
}
