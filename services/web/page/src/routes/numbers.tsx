/** `/numbers`: how it goes, over the last 90 days. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { usePerson } from "~/features/account/person";
import { Bars } from "~/features/data/bars";
import { useSnapshot } from "~/features/tasks/context";
import { priorities } from "~/features/tasks/filter";
import { api, take } from "~/lib/api";
import { sayProblem } from "~/lib/problem";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { Notice, Shapes } from "~/ui/notice";
import { useTitle } from "~/ui/title";

const words = text.numbers;

export function Numbers() {
  useTitle(words.title);
  const { id: user } = usePerson();
  const { replica } = useSnapshot();
  const stats = useQuery({
    queryKey: ["stats", user, replica.cursor],
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: ({ signal }) => take(api.GET("/api/{user_id}/stats", { params: { path: { user_id: user } }, signal })),
  });
  const told = stats.data;
  return (
    <main id="main" tabIndex={-1} className="mx-auto flex max-w-list flex-col gap-6 p-4 outline-none lg:pt-8">
      <h1 className="text-title font-head">{words.title}</h1>
      {stats.isError && (
        <Notice action={<Button onClick={() => void stats.refetch()}>{text.problem.retry}</Button>}>
          {text.problem.load} {sayProblem(stats.error)}
        </Notice>
      )}
      {stats.isPending && <Shapes label={text.trail.loadingMore} />}
      {told && (
        <>
          <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
            {(["open", "overdue", "due_today", "completed_today"] as const).map((k) => (
              <div key={k}>
                <dt className="text-meta text-quiet">{words.counts[k]}</dt>
                <dd className="figures text-title font-head">{told[k].toLocaleString("en")}</dd>
              </div>
            ))}
          </dl>
          <Bars days={told.by_day} />
          <div className="grid gap-6 sm:grid-cols-2">
            <section>
              <h2 className="font-head">{words.byPriority}</h2>
              <ul>
                {priorities.map((p) => (
                  <li key={p} className="flex justify-between border-t border-line py-1">
                    <Link to="/tasks" search={{ priority: [p] }}>
                      {text.tasks.priority[p]}
                    </Link>
                    <span className="figures">{(told.by_priority[p] ?? 0).toLocaleString("en")}</span>
                  </li>
                ))}
              </ul>
            </section>
            <section>
              <h2 className="font-head">{words.byTag}</h2>
              <ul>
                {told.by_tag.map(({ tag, open }) => (
                  <li key={tag} className="flex justify-between border-t border-line py-1">
                    <Link to="/tasks" search={{ tag: [tag] }}>
                      #{tag}
                    </Link>
                    <span className="figures">{open.toLocaleString("en")}</span>
                  </li>
                ))}
              </ul>
            </section>
          </div>
        </>
      )}
    </main>
  );
}
