/**
 * Dates as people say them. A due date is either a date (`2026-12-31`), which stays that date everywhere,
 * or an instant, which is shown in the person's own zone.
 */
import { text } from "~/text/en";

const formats = new Map<string, Intl.DateTimeFormat>();

/** Formatters cost a millisecond each to make and are asked for by every row, so they are kept. */
function format(locale: string, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + zone + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
    formats.set(key, found);
  }
  return found;
}

/** The language of dates. Words are English; the order of day and month follows the browser where it is English. */
export const dateLocale = (): string => {
  const wanted = globalThis.navigator?.language ?? "en-GB";
  return wanted.startsWith("en") ? wanted : "en-GB";
};

/** The browser's zone, for sign-up. */
export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** The day (`YYYY-MM-DD`) on which an instant falls in a zone. */
export function dayOf(instant: Date, zone: string): string {
  return format("en-CA", zone, { year: "numeric", month: "2-digit", day: "2-digit" }).format(instant);
}

/** Hours and minutes (`09:00`) of an instant in a zone. */
export function clockOf(instant: Date, zone: string): string {
  return format("en-GB", zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(instant);
}

/** Whether a due date is a date without a time. */
export const isDay = (due: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(due);

/** The day after n days; n may be negative. */
export function addDays(day: string, n: number): string {
  const at = new Date(day + "T00:00:00Z");
  at.setUTCDate(at.getUTCDate() + n);
  return at.toISOString().slice(0, 10);
}

/** Whole days from one day to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to + "T00:00:00Z") - Date.parse(from + "T00:00:00Z")) / 86_400_000);
}

/** The instant of a wall-clock time in a zone. One that does not exist moves forward by the gap; of two, the first. */
export function instantOf(day: string, clock: string, zone: string): Date {
  const wall = Date.parse(`${day}T${clock.slice(0, 5)}:00Z`);
  const wallOf = (at: number) => Date.parse(`${dayOf(new Date(at), zone)}T${clockOf(new Date(at), zone)}:00Z`);
  const before = wall - 86_400_000;
  const after = wall + 86_400_000;
  const early = wall - (wallOf(before) - before);
  const late = wall - (wallOf(after) - after);
  const fitting = [early, late].filter((at) => wallOf(at) === wall);
  return new Date(fitting.length > 0 ? Math.min(...fitting) : early);
}

export interface Due {
  due_date: string | null;
  due_at: string | null;
}

/** The day on which a task counts as due for the person. */
export function dueDay(task: Due, zone: string): string | null {
  if (!task.due_date) return null;
  if (isDay(task.due_date) || !task.due_at) return task.due_date.slice(0, 10);
  return dayOf(new Date(task.due_at), zone);
}

/** The time of day of a due date, or null for a whole day. */
export function dueClock(task: Due, zone: string): string | null {
  if (!task.due_date || isDay(task.due_date) || !task.due_at) return null;
  return clockOf(new Date(task.due_at), zone);
}

/** The last instant of a due date (for a date the end of that day), or null without one. */
export const dueInstant = (task: Due): number | null => (task.due_at ? Date.parse(task.due_at) : null);

/** The day of the week, from Monday (1) to Sunday (7). */
export const weekdayOf = (day: string): number => new Date(day + "T00:00:00Z").getUTCDay() || 7;

/** The day of the week in short: Fri. */
export const weekdayWord = (day: string, locale = dateLocale()): string => format(locale, "UTC", { weekday: "short" }).format(noon(day));

const noon = (day: string) => new Date(day + "T12:00:00Z");

/** A day as one says it: today, tomorrow, Fri, 20 Nov, 20 Nov 2027. */
export function dayWords(day: string, today: string, locale = dateLocale()): string {
  const away = daysBetween(today, day);
  if (away === 0) return text.time.today;
  if (away === 1) return text.time.tomorrow;
  if (away === -1) return text.time.yesterday;
  if (away > 1 && away < 7) return format(locale, "UTC", { weekday: "short" }).format(noon(day));
  const sameYear = day.slice(0, 4) === today.slice(0, 4);
  const near = Math.abs(away) < 7;
  return format(locale, "UTC", {
    ...(near ? { weekday: "short" } : {}),
    day: "numeric",
    month: "short",
    ...(sameYear || Math.abs(away) < 90 ? {} : { year: "numeric" }),
  }).format(noon(day));
}

/** The whole date, for a hover and for those who listen: Thursday 31 December 2026. */
export function fullDay(day: string, locale = dateLocale()): string {
  return format(locale, "UTC", { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(noon(day));
}

/** A day as a heading of a list: Fri 27 Nov. */
export const headDay = (day: string, locale = dateLocale()): string =>
  format(locale, "UTC", { weekday: "short", day: "numeric", month: "short" }).format(noon(day));

/** A due date in short and in full, or null without one. */
export function dueWords(task: Due, now: Date, zone: string, locale = dateLocale()): { short: string; full: string } | null {
  const day = dueDay(task, zone);
  if (!day) return null;
  const clock = dueClock(task, zone);
  const short = dayWords(day, dayOf(now, zone), locale);
  return clock ? { short: `${short} ${clock}`, full: `${fullDay(day, locale)}, ${clock}` } : { short, full: fullDay(day, locale) };
}

/** A moment of the past, for the trail: 10:02, yesterday 17:30, 3 Nov 09:14. */
export function momentWords(iso: string, now: Date, zone: string, locale = dateLocale()): { short: string; full: string } {
  const at = new Date(iso);
  const day = dayOf(at, zone);
  const today = dayOf(now, zone);
  const clock = clockOf(at, zone);
  const full = `${fullDay(day, locale)}, ${clock}`;
  return { short: day === today ? clock : `${dayWords(day, today, locale)} ${clock}`, full };
}
