/** The list: groups of rows, one hairline between groups. */
import { useMemo } from "react";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { Empty, Notice, Shapes } from "~/ui/notice";
import { sayProblem, NoConnection } from "~/lib/problem";
import { useLive, useNow, useSnapshot } from "./context";
import { isNarrowed, viewName, type Filter } from "./filter";
import { Row } from "./row";
import { select, type Group } from "./select";

export function useGroups(filter: Filter): Group[] {
  const { tasks, held } = useSnapshot();
  const now = useNow();
  return useMemo(() => select(tasks.values(), filter, now, (t) => held.get(t.id) ?? t), [tasks, held, filter, now]);
}

export function TaskList({ filter }: { filter: Filter }) {
  const live = useLive();
  const { ready, failed, tasks } = useSnapshot();
  const groups = useGroups(filter);
  const name = viewName(filter);
  if (failed && tasks.size === 0)
    return (
      <Notice action={<Button onClick={() => void live.fill()}>{text.problem.retry}</Button>}>
        {failed instanceof NoConnection ? text.problem.away : `${text.problem.load} ${sayProblem(failed)}`}
      </Notice>
    );
  if (!ready && tasks.size === 0) return <Shapes label={text.tasks.loading} />;
  if (groups.length === 0) return <Empty words={isNarrowed(filter) ? text.empty.filtered : text.empty[name]} />;
  return (
    <div className="flex flex-col gap-4">
      {groups.map((group) => (
        <Section key={group.key} group={group} name={text.nav[name]} />
      ))}
    </div>
  );
}

function Section({ group, name }: { group: Group; name: string }) {
  const now = useNow();
  const { store } = useLive();
  const { glowing } = useSnapshot();
  return (
    <section aria-label={text.tasks.listLabel(group.label ?? name)} className="border-b border-line pb-2 last:border-b-0">
      {group.label && (
        <h2 className={`px-2 pb-1 text-meta font-strong ${group.key === "overdue" ? "text-overdue" : "text-quiet"}`}>
          {group.label} · <span className="figures">{group.tasks.length}</span>
        </h2>
      )}
      <ul>
        {group.tasks.map((task) => (
          <li key={store.rowKey(task.id)}>
            <Row task={task} now={now} glowing={glowing.has(task.id)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
