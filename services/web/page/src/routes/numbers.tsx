/** `/numbers`: how it goes, over the last 90 days. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { usePerson } from "~/features/account/person";
import { Bars } from "~/features/data/bars";
import { overdueByDay } from "~/features/data/overdue";
import { Shares } from "~/features/data/shares";
import { Trend } from "~/features/data/trend";
import { useNow, useSnapshot } from "~/features/tasks/context";
import { priorities } from "~/features/tasks/filter";
import { api, take } from "~/lib/api";
import { sayNotLoaded } from "~/lib/problem";
import { numberWords, text } from "~/text/en";
import { Button } from "~/ui/button";
import { Notice, Shapes } from "~/ui/notice";
import { useTitle } from "~/ui/title";

const words = text.numbers;
const shownDays = 90;
const tones = { critical: "text-critical", high: "text-high", normal: "text-accent", low: "text-quiet" };

export function Numbers() {
  useTitle(words.title);
  const { id: user } = usePerson();
  const tasks = useSnapshot((s) => s.tasks);
  const cursor = useSnapshot((s) => s.replica.cursor);
  const now = useNow();
  const late = useMemo(() => overdueByDay(tasks.values(), new Date(now.at), now.zone, shownDays), [tasks, now]);
  const stats = useQuery({
    queryKey: ["stats", user, cursor],
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: ({ signal }) => take(api.GET("/api/{user_id}/stats", { params: { path: { user_id: user } }, signal })),
  });
  const told = stats.data;
  return (
    <main id="main" tabIndex={-1} className="mx-auto flex max-w-list flex-col gap-6 p-4 outline-none lg:pt-8">
      <h1 className="flex min-h-row items-center text-title font-head">{words.title}</h1>
      {stats.isError && (
        <Notice action={<Button onClick={() => void stats.refetch()}>{text.problem.retry}</Button>}>{sayNotLoaded(stats.error)}</Notice>
      )}
      {stats.isPending && <Shapes label={text.trail.loadingMore} />}
      {told && (
        <>
          <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
            {(["open", "overdue", "due_today", "completed_today"] as const).map((k) => (
              <div key={k}>
                <dt className="text-meta text-quiet">{words.counts[k]}</dt>
                <dd className="figures text-title font-head">{numberWords(told[k])}</dd>
              </div>
            ))}
          </dl>
          <Bars days={told.by_day} />
          <Trend days={late} title={words.overdueTrend} />
          <div className="grid gap-6 sm:grid-cols-2">
            <Shares
              title={words.byPriority}
              shares={priorities.map((p) => ({
                label: text.tasks.priority[p],
                count: told.by_priority[p] ?? 0,
                search: { priority: [p] },
                tone: tones[p],
              }))}
            />
            <Shares
              title={words.byTag}
              shares={told.by_tag.map(({ tag, open }) => ({ label: "#" + tag, count: open, search: { tag: [tag] }, tone: "text-accent" }))}
            />
          </div>
        </>
      )}
    </main>
  );
}
