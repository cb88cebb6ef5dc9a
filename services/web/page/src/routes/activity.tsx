/** `/activity`: the trail. */
import { useNow } from "~/features/tasks/context";
import { Entries } from "~/features/trail/entries";
import { useTrail } from "~/features/trail/query";
import { sayNotLoaded } from "~/lib/problem";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { Empty, Notice, Shapes } from "~/ui/notice";
import { useTitle } from "~/ui/title";

export function Activity() {
  useTitle(text.trail.title);
  const now = useNow();
  const trail = useTrail();
  const entries = trail.data?.pages.flatMap((p) => p.audit_logs) ?? [];
  return (
    <main id="main" tabIndex={-1} className="mx-auto flex max-w-list flex-col gap-4 p-4 outline-none lg:pt-8">
      <div>
        <h1 className="flex min-h-row items-center text-title font-head">{text.trail.title}</h1>
        <p className="text-quiet">{text.trail.lead}</p>
      </div>
      {trail.isError && (
        <Notice action={<Button onClick={() => void trail.refetch()}>{text.problem.retry}</Button>}>{sayNotLoaded(trail.error)}</Notice>
      )}
      {trail.isPending && <Shapes label={text.trail.loadingMore} />}
      {trail.isSuccess && entries.length === 0 && <Empty words={text.trail.empty} />}
      <Entries entries={entries} now={now} />
      {trail.hasNextPage && (
        <Button onClick={() => void trail.fetchNextPage()} disabled={trail.isFetchingNextPage} className="self-center">
          {trail.isFetchingNextPage ? text.trail.loadingMore : text.trail.more}
        </Button>
      )}
    </main>
  );
}
