/** What a line of text was understood to mean, and which parts of that somebody does not want. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { usePerson } from "~/features/account/person";
import { api, take, type NewTask, type Parsed, type Span } from "~/lib/api";
import { dateLocale } from "~/lib/time";
import { useSteady } from "~/ui/steady";

const patience = 250; // ms that Enter waits for an answer
const longest = 1_000; // characters of a line that may be asked about
const pause = 120; // ms of standing still before a line is asked about

export interface Understood {
  /** Of exactly the line that is typed now; null while that is being asked, or where nobody answers. */
  parsed: Parsed | null;
  /** The newest answer, if only about the beginning of the line: for what is shown. */
  told: Parsed | null;
  /** The spans that count, in their order. */
  spans: Span[];
  ignored: readonly Span[];
  ignore: (span: Span) => void;
  /** Forgets what was ignored, for the next line. */
  reset: () => void;
  /** What a line means, for whoever does not pause before Enter; null where that takes too long or nobody answers. */
  ask: (line: string) => Promise<Parsed | null>;
}

export const isSame = (a: Span, b: Span): boolean => a.start === b.start && a.end === b.end && a.text === b.text;

export function useUnderstood(line: string): Understood {
  const { id: user, timeZone } = usePerson();
  const steady = useSteady(line, pause);
  const [ignored, setIgnored] = useState<readonly Span[]>([]);
  const queries = useQueryClient();
  const question = (text: string) => ({
    queryKey: ["parse", user, text],
    retry: false as const,
    staleTime: 60_000,
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      take(
        api.POST("/api/{user_id}/tasks/parse", {
          params: { path: { user_id: user } },
          body: { text, time_zone: timeZone, locale: dateLocale() },
          signal,
        }),
      ),
  });
  const query = useQuery({
    ...question(steady),
    enabled: steady.trim() !== "" && steady.length <= longest,
    placeholderData: keepPreviousData,
  });
  const ask = (text: string) =>
    Promise.race([
      text.length > longest ? null : queries.fetchQuery(question(text)).catch(() => null),
      new Promise<null>((late) => setTimeout(() => late(null), patience)),
    ]);
  const parsed = steady === line && query.isSuccess && !query.isPlaceholderData ? query.data : null;
  // While a line grows, what was understood of its beginning stays marked until the next answer.
  const told = parsed ?? query.data ?? null;
  const spans = stillThere(line, told?.spans ?? []).filter((s) => !ignored.some((i) => isSame(i, s)));
  return { parsed, told, spans, ignored, ignore: (span) => setIgnored((all) => [...all, span]), reset: () => setIgnored([]), ask };
}

/** The spans whose words still stand where they stood. */
export function stillThere(line: string, spans: readonly Span[]): Span[] {
  const points = [...line];
  return spans.filter((s) => points.slice(s.start, s.end).join("") === s.text && !/[\p{L}\p{N}]/u.test(points[s.end] ?? ""));
}

/** What a line means without the parts that are not wanted: as near as can be told until the service has read it so. */
export function without(line: string, { task, spans }: Parsed, ignored: readonly Span[]): NewTask {
  const has = (field: Span["field"]) => !ignored.some((s) => s.field === field);
  const kept = spans.filter((s) => !ignored.some((i) => isSame(i, s)));
  const words = pieces(line, kept).map((p) => (p.span ? " " : p.text));
  const unwanted = ignored.filter((s) => s.field === "tags").flatMap((s) => s.value.split(/,\s*/));
  const rule = has("recurrence_rule") ? task.recurrence_rule : null;
  const day = rule ? (task.due_date?.slice(0, 10) ?? null) : null; // a rule has a first day without any word for it
  const due = has("due_date") ? task.due_date : day;
  return {
    title: words.join("").replace(/\s+/g, " ").trim() || line.trim(),
    description: has("description") ? task.description : "",
    priority: has("priority") ? task.priority : "normal",
    tags: task.tags.filter((t) => !unwanted.includes(t)),
    due_date: due,
    recurrence_rule: rule,
    reminders: due && has("reminders") ? task.reminders : [],
  };
}

export interface Piece {
  text: string;
  span: Span | null;
}

/** Cuts a line at its spans; offsets count Unicode code points, as the service does. */
export function pieces(line: string, spans: readonly Span[]): Piece[] {
  const points = [...line];
  const out: Piece[] = [];
  let at = 0;
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (span.start < at || span.end > points.length) continue;
    if (span.start > at) out.push({ text: points.slice(at, span.start).join(""), span: null });
    out.push({ text: points.slice(span.start, span.end).join(""), span });
    at = span.end;
  }
  if (at < points.length) out.push({ text: points.slice(at).join(""), span: null });
  return out;
}
