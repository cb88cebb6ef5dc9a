/** Counts beside each other as lengths; each leads to the tasks that were counted. It is a list, and so its own table. */
import { Link } from "@tanstack/react-router";
import { useId } from "react";
import type { Filter } from "~/features/tasks/filter";
import { numberWords } from "~/text/en";

interface Share {
  label: string;
  count: number;
  search: Filter;
  /** The class that gives its length a colour. */
  tone: string;
}

export function Shares({ title, shares }: { title: string; shares: readonly Share[] }) {
  const id = useId();
  const most = Math.max(1, ...shares.map((s) => s.count));
  return (
    <section aria-labelledby={id} className="flex flex-col gap-2">
      <h2 id={id} className="font-head">
        {title}
      </h2>
      <ul className="flex flex-col gap-1">
        {shares.map(({ label, count, search, tone }) => (
          <li key={label}>
            <Link
              to="/tasks"
              search={search}
              className="grid min-h-8 grid-cols-[6rem_1fr_3rem] items-center gap-3 rounded-control px-1 hover:bg-hover"
            >
              <span className="truncate">{label}</span>
              <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" className={`chart h-2 w-full ${tone}`}>
                <rect width={(count / most) * 100} height="8" rx="1" fill="currentColor" />
              </svg>
              <span className="figures text-right">{numberWords(count)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
