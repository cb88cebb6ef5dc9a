/** Bars by day, drawn by ourselves: a picture for the eye, the same numbers as a table for everybody. */
import type { Stats } from "~/lib/api";
import { fullDay } from "~/lib/time";
import { numberWords, text } from "~/text/en";
import { NumbersTable } from "./numbers-table";
import { Axis } from "./trend";

const words = text.numbers;
const width = 720;
const height = 160;

export function Bars({ days }: { days: Stats["by_day"] }) {
  const top = Math.max(0, ...days.map((d) => Math.max(d.created, d.completed)));
  const most = Math.max(1, top); // by which it is drawn
  const step = width / Math.max(1, days.length);
  const bar = Math.max(1, step * 0.4);
  const tall = (n: number) => (n / most) * (height - 8);
  const first = days[0];
  const last = days.at(-1);
  if (!first || !last) return null;
  return (
    <figure className="flex flex-col gap-2">
      <figcaption className="flex flex-wrap items-baseline gap-4">
        <span className="flex-1 font-head">{words.byDay}</span>
        <span className="inline-flex items-center gap-2 text-meta">
          <span aria-hidden="true" className="size-2 bg-accent" /> {words.created}
        </span>
        <span className="inline-flex items-center gap-2 text-meta">
          <span aria-hidden="true" className="size-2 rounded-full bg-done" /> {words.completed}
        </span>
        <span className="text-meta text-quiet">{words.atMost(numberWords(top))}</span>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words.chart(days.length)} className="chart w-full">
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
      <Axis from={first.date} to={last.date} />
      <NumbersTable
        heads={[words.day, words.created, words.completed]}
        rows={[...days]
          .filter((d) => d.created || d.completed)
          .reverse()
          .map((d) => ({ key: d.date, cells: [fullDay(d.date), numberWords(d.created), numberWords(d.completed)] }))}
      />
    </figure>
  );
}
