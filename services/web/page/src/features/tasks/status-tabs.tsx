/** Open, done, all, trash: the status in the address, as links. */
import { Link } from "@tanstack/react-router";
import { text } from "~/text/en";
import type { Filter } from "./filter";

const tabs = [
  [undefined, text.tasks.status.open],
  ["completed", text.tasks.status.done],
  ["all", text.tasks.status.all],
  ["deleted", text.tasks.status.trash],
] as const;

export function StatusTabs({ filter }: { filter: Filter }) {
  return (
    <nav aria-label={text.tasks.status.label} className="no-print flex gap-1">
      {tabs.map(([status, label]) => {
        const here = filter.status === status || (status === undefined && filter.status === "pending");
        const { status: _status, ...rest } = filter;
        return (
          <Link
            key={label}
            to="/tasks"
            search={status ? { ...rest, status } : rest}
            aria-current={here ? "page" : undefined}
            className={`inline-flex min-h-8 items-center rounded-control px-2 text-meta max-sm:min-h-touch ${here ? "bg-accent-soft font-strong" : "text-quiet hover:bg-hover"}`}
          >
            {label}
          </Link>
        );
      })}
    </nav>
  );
}
