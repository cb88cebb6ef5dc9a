/** How something repeats, as the fields of a form, and the rule that they make. */
import { isDay, weekdayOf } from "~/lib/time";
import type { Task } from "~/lib/api";
import type { NewRule } from "./preview";

export const frequencies = ["daily", "weekly", "monthly", "yearly"] as const;
export const weekdays = ["mo", "tu", "we", "th", "fr", "sa", "su"] as const;
export type Weekday = (typeof weekdays)[number];
/** On which day of a month: by its number, by its weekday, the last day, or the last workday. */
export const monthWays = ["day", "weekday", "last", "workday"] as const;

export interface RepeatForm {
  frequency: (typeof frequencies)[number];
  interval: number;
  days: Weekday[];
  monthly: (typeof monthWays)[number];
  ends: "never" | "until" | "count";
  until: string;
  count: number;
  anchor: "due_date" | "completion";
}

/** The most that may lie between two dates, by the service's limits. */
export const mostInterval = { daily: 365, weekly: 52, monthly: 12, yearly: 100 } as const;

/** The form of what a task has, or of a first proposal: every week on the day that it is due. */
export function formOf(task: Pick<Task, "recurrence_rule">, day: string): RepeatForm {
  const rule = task.recurrence_rule;
  const days = weekdays.filter((d) => rule?.by_weekday?.includes(d));
  const workdays = rule?.by_set_pos === -1 && days.length === 5;
  const last = rule?.by_month_day?.[0] === -1;
  const nth = rule?.by_weekday?.some((d) => /\d/.test(d));
  return {
    frequency: rule?.frequency ?? "weekly",
    interval: rule?.interval ?? 1,
    days: rule?.frequency === "weekly" && days.length > 0 ? days : [weekdays[weekdayOf(day) - 1] ?? "mo"],
    monthly: workdays ? "workday" : last ? "last" : nth ? "weekday" : "day",
    ends: rule?.until ? "until" : rule?.count ? "count" : "never",
    until: rule?.until?.slice(0, 10) ?? "",
    count: rule?.count ?? 10,
    anchor: rule?.anchor ?? "due_date",
  };
}

/** The rule that a form means, counted from a day. */
export function ruleOf(form: RepeatForm, day: string): Exclude<NewRule, string> {
  const { frequency, interval, anchor } = form;
  const number = Number(day.slice(8, 10));
  const weekday = weekdays[weekdayOf(day) - 1] ?? "mo";
  const which = {
    day: { by_month_day: [number] },
    weekday: { by_weekday: [number > 28 ? `-1${weekday}` : `${Math.ceil(number / 7)}${weekday}`] },
    last: { by_month_day: [-1] },
    workday: { by_weekday: weekdays.slice(0, 5), by_set_pos: -1 },
  };
  return {
    frequency,
    interval,
    anchor,
    ...(frequency === "weekly" && anchor === "due_date" && form.days.length > 0 && { by_weekday: [...form.days] }),
    ...(frequency === "monthly" && anchor === "due_date" && which[form.monthly]),
    ...(form.ends === "until" && isDay(form.until) && { until: form.until }),
    ...(form.ends === "count" && { count: form.count }),
  };
}
