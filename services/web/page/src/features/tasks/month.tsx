/** A month to pick a day from. */
import { parseDate, type CalendarDate } from "@internationalized/date";
import { Button } from "react-aria-components/Button";
import { Calendar, CalendarCell, CalendarGrid } from "react-aria-components/Calendar";
import { Heading } from "react-aria-components/Heading";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { useSettings } from "~/features/account/settings-query";
import { dateLocale } from "~/lib/time";
import { text } from "~/text/en";
import { Icon } from "~/ui/icon";

const words = text.tasks.panel;

export function Month({ day, today, onTake }: { day: string | null; today: string; onTake: (day: string) => void }) {
  const { data } = useSettings();
  const cell =
    "flex size-8 items-center justify-center rounded-control figures outline-none data-focus-visible:outline-2 data-focus-visible:outline-accent data-hovered:bg-hover data-outside-month:invisible data-selected:bg-accent data-selected:text-on-accent max-sm:size-row";
  return (
    <I18nProvider locale={dateLocale()}>
      <Calendar
        aria-label={words.dueDate}
        value={day ? parseDate(day) : null}
        defaultFocusedValue={parseDate(day ?? today)}
        firstDayOfWeek={data?.week_start === "sunday" ? "sun" : "mon"}
        onChange={(date: CalendarDate) => onTake(date.toString())}
        className="flex flex-col gap-2 border-t border-line pt-3"
      >
        <div className="flex items-center justify-between">
          <Button
            slot="previous"
            className="inline-flex size-8 items-center justify-center rounded-control hover:bg-hover max-sm:size-touch"
          >
            <Icon name="back" small />
          </Button>
          <Heading className="text-meta font-strong" />
          <Button slot="next" className="inline-flex size-8 items-center justify-center rounded-control hover:bg-hover max-sm:size-touch">
            <Icon name="next" small />
          </Button>
        </div>
        <CalendarGrid weekdayStyle="short" className="w-full text-meta [&_td]:p-0 [&_th]:font-body [&_th]:text-quiet">
          {(date) => <CalendarCell date={date} className={`${cell} mx-auto ${date.toString() === today ? "font-head text-accent" : ""}`} />}
        </CalendarGrid>
      </Calendar>
    </I18nProvider>
  );
}
