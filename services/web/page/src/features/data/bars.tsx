/** Bars by day, drawn by ourselves: a picture for the eye, the same numbers as a table for everybody. */
import type { Stats } from "~/lib/api";
import { fullDay } from "~/lib/time";
import { text } from "~/text/en";

const words = text.numbers;
const width = 720;
const height = 160;

export function Bars({ days }: { days: Stats["by_day"] }) {
  const most = Math.max(1, ...days.map((d) => Math.max(d.created, d.completed)));
  const step = width / Math.max(1, days.length);
  const bar = Math.max(1, step * 0.4);
  const tall = (n: number) => (n / most) * (height - 8);
  return (
    <figure className="flex flex-col gap-2">
      <figcaption className="flex flex-wrap gap-4 text-meta">
        <span className="inline-flex items-center gap-2">
          <span aria-hidden="true" className="size-2 bg-accent" /> {words.created}
        </span>
        <span className="inline-flex items-center gap-2">
          <span aria-hidden="true" className="size-2 rounded-full bg-done" /> {words.completed}
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words.chart(days.length)} className="w-full">
        <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--line)" />
        {days.map((d, i) => (
          <g key={d.date}>
            <title>{`${fullDay(d.date)}: ${words.created} ${d.created}, ${words.completed} ${d.completed}`}</title>
            <rect x={i * step} width={bar} y={height - tall(d.created)} height={tall(d.created)} fill="var(--accent)" />
            <rect
              x={i * step + bar}
              width={bar}
              y={height - tall(d.completed)}
              height={tall(d.completed)}
              rx={bar / 2}
              fill="var(--done)"
            />
          </g>
        ))}
      </svg>
      <details className="text-meta">
        <summary className="min-h-6 text-quiet">{words.asTable}</summary>
        <table className="w-full text-left">
          <thead>
            <tr>
              <th scope="col">{words.day}</th>
              <th scope="col">{words.created}</th>
              <th scope="col">{words.completed}</th>
            </tr>
          </thead>
          <tbody className="figures">
            {days
              .filter((d) => d.created || d.completed)
              .reverse()
              .map((d) => (
                <tr key={d.date} className="border-t border-line">
                  <th scope="row" className="font-body">
                    {fullDay(d.date)}
                  </th>
                  <td>{d.created}</td>
                  <td>{d.completed}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
