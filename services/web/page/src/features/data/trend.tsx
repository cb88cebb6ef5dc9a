/** A number over the days as a line with its ground, and the same numbers as a table. */
import { dayWords, fullDay } from "~/lib/time";
import { numberWords, text } from "~/text/en";
import type { DayCount } from "./overdue";
import { NumbersTable } from "./numbers-table";

const words = text.numbers;
const width = 720;
const height = 120;

export function Trend({ days, title }: { days: readonly DayCount[]; title: string }) {
  const top = Math.max(0, ...days.map((d) => d.count));
  const most = Math.max(1, top); // by which it is drawn
  const x = (i: number) => (i / Math.max(1, days.length - 1)) * width;
  const y = (n: number) => height - (n / most) * (height - 8) - 1;
  const line = days.map((d, i) => `${i === 0 ? "M" : "L"}${x(i).toFixed(1)} ${y(d.count).toFixed(1)}`).join("");
  const first = days[0];
  const last = days.at(-1);
  if (!first || !last) return null;
  return (
    <figure className="flex flex-col gap-2">
      <figcaption className="flex items-baseline justify-between">
        <span className="font-head">{title}</span>
        <span className="text-meta text-quiet">{words.atMost(numberWords(top))}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={words.trend(title, first.count, last.count, days.length)}
        className="chart w-full"
      >
        <path d={`${line}L${width} ${height}L0 ${height}Z`} fill="var(--overdue)" opacity="0.12" />
        <path d={line} fill="none" stroke="var(--overdue)" strokeWidth="2" strokeLinejoin="round" />
        <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--line)" />
      </svg>
      <Axis from={first.date} to={last.date} />
      <NumbersTable
        heads={[words.day, title]}
        rows={[...days].reverse().map((d) => ({ key: d.date, cells: [fullDay(d.date), numberWords(d.count)] }))}
      />
    </figure>
  );
}

/** The first and the last day below a picture. */
export function Axis({ from, to }: { from: string; to: string }) {
  return (
    <p aria-hidden="true" className="flex justify-between text-meta text-quiet">
      <span>{dayWords(from, to)}</span>
      <span>{dayWords(to, to)}</span>
    </p>
  );
}
