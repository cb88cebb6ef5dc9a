/** The next dates of a rule, one under the other. */
import { dayWords, fullDay, headDay } from "~/lib/time";
import { text } from "~/text/en";

interface NextDatesProps {
  /** The rule in words, where they are not there already. */
  words?: string | undefined;
  dates: readonly string[];
  today: string;
}

export function NextDates({ words, dates, today }: NextDatesProps) {
  return (
    <div className="text-meta text-quiet">
      {words && <p className="font-strong text-ink first-letter:uppercase">{words}</p>}
      <p>
        <span className="pr-2">{text.tasks.repeat.next}</span>
        {dates.map((at) => (
          <Day key={at} at={at} today={today} />
        ))}
      </p>
    </div>
  );
}

function Day({ at, today }: { at: string; today: string }) {
  const day = at.slice(0, 10);
  const near = dayWords(day, today);
  const words = [text.time.today, text.time.tomorrow].includes(near as typeof text.time.today) ? near : headDay(day);
  return (
    <time dateTime={at} title={fullDay(day)} className="mr-3 inline-block whitespace-nowrap">
      {day.slice(0, 4) === today.slice(0, 4) ? words : `${words} ${day.slice(0, 4)}`}
    </time>
  );
}
