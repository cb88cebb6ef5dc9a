/** A few rows of a list, for those who have not seen one: a picture made of words, that nobody has to listen to. */
import { text } from "~/text/en";
import { Icon } from "~/ui/icon";

const edges = { critical: "border-critical", high: "border-high", normal: "border-mark" };

export function SampleList() {
  const { line, understood, rows } = text.landing.sample;
  return (
    <div aria-hidden="true" className="flex flex-col gap-3 rounded-panel border border-line bg-raised p-4 shadow-float">
      <p className="rounded-control border border-mark px-3 py-2">
        {line.map(([words, read]) => (
          <span key={words} className={read ? "rounded-control bg-accent-soft" : ""}>
            {words}
          </span>
        ))}
      </p>
      <p className="flex flex-wrap gap-1 text-meta">
        {understood.map((words) => (
          <span key={words} className="rounded-control bg-accent-soft px-2 py-1">
            {words}
          </span>
        ))}
      </p>
      <ul>
        {rows.map(({ title, when, priority, done, repeats }) => (
          <li key={title} className="flex min-h-row items-center gap-3">
            <span
              className={`inline-flex size-mark shrink-0 items-center justify-center rounded-full border-2 ${done ? "border-done bg-done text-paper" : edges[priority]}`}
            >
              {done && <Icon name="done" small />}
            </span>
            <span className={`min-w-0 flex-1 truncate ${done ? "text-quiet line-through" : ""}`}>{title}</span>
            <span className="flex items-center gap-2 text-meta text-quiet">
              {repeats && <Icon name="repeat" small />}
              <span className="figures">{when}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
