/** The trail in words: who did what, and what was there before. */
import type { Entry } from "~/lib/api";
import { dayOf, dueWords, isDay, momentWords } from "~/lib/time";
import { text } from "~/text/en";

type Fields = Record<string, unknown>;

/** Who did it: the person, an agent by its name where that says more than the way it came by, or Tickler itself. */
export function who(entry: Entry): string {
  if (entry.actor.type === "user") return text.trail.you;
  if (entry.actor.type === "agent")
    return entry.actor.name && entry.actor.name !== entry.source ? `${text.trail.agent} ${entry.actor.name}` : text.trail.agent;
  return text.trail.system;
}

/** What was done; an event of a later release than this page is named as it is. */
export function deed(entry: Entry): string {
  return text.trail.events[entry.event_type as keyof typeof text.trail.events] ?? entry.event_type;
}

export const through = (entry: Entry): string => text.trail.via[entry.source as keyof typeof text.trail.via] ?? "";

/** What the entry is about: the title after it, else before it. */
export function about(entry: Entry): string | null {
  const of = (fields: unknown) => (fields && typeof fields === "object" ? (fields as Fields)["title"] : undefined);
  const title = of(entry.details.after) ?? of(entry.details.before);
  return typeof title === "string" ? title : null;
}

export interface Change {
  field: string;
  before: string;
  after: string;
}

const shownFields = ["title", "description", "priority", "tags", "due_date", "recurrence_rule", "reminders", "time_zone"] as const;

/** The fields that a change touched, each with what it was and what it is. A new task changed nothing. */
export function changes(entry: Entry, now: Date, zone: string): Change[] {
  const { before, after, changed } = entry.details;
  if (!before || !after || entry.event_type === "task.created") return [];
  return shownFields
    .filter((f) => changed?.includes(f) ?? JSON.stringify(before[f]) !== JSON.stringify(after[f]))
    .map((f) => ({ field: text.fields[f], before: say(f, before, now, zone), after: say(f, after, now, zone) }))
    .filter((c) => c.before !== c.after); // a reminder that is not needed any more is at the same time as before
}

function say(field: (typeof shownFields)[number], fields: Fields, now: Date, zone: string): string {
  const value = fields[field];
  if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return text.trail.nothing;
  if (field === "due_date") return due(String(value), fields, now, zone);
  if (field === "tags" && Array.isArray(value)) return value.map((t) => `#${String(t)}`).join(" ");
  if (field === "priority") return text.tasks.priority[value as keyof typeof text.tasks.priority] ?? String(value);
  if (field === "recurrence_rule") return String((value as Fields)["text"] ?? "");
  if (field === "reminders" && Array.isArray(value))
    return value.map((r: Fields) => momentWords(String(r["remind_at"]), now, zone).short).join(", ");
  return String(value);
}

function due(value: string, fields: Fields, now: Date, zone: string): string {
  const at = typeof fields["due_at"] === "string" ? fields["due_at"] : isDay(value) ? null : value;
  return dueWords({ due_date: value, due_at: at }, now, zone)?.short ?? value;
}

/** The day of an entry, by which the trail is headed. */
export const dayOfEntry = (entry: Entry, zone: string): string => dayOf(new Date(entry.timestamp), zone);
