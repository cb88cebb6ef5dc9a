/** `/tasks`: the list is the page. What it shows is in the address. */
import { getRouteApi } from "@tanstack/react-router";
import { viewName } from "~/features/tasks/filter";
import { TaskList } from "~/features/tasks/list";
import { QuickAdd } from "~/features/tasks/quick-add";
import { StatusTabs } from "~/features/tasks/status-tabs";
import { text } from "~/text/en";
import { useTitle } from "~/ui/title";

const route = getRouteApi("/shell/tasks");

export function Tasks() {
  const filter = route.useSearch();
  const name = viewName(filter);
  const title = filter.tag ? filter.tag.map((t) => "#" + t).join(" ") : text.nav[name];
  useTitle(title);
  return (
    <main id="main" tabIndex={-1} className="mx-auto flex max-w-list flex-col gap-4 p-4 outline-none lg:pt-8">
      <h1 className="text-title font-head">{title}</h1>
      {name !== "trash" && <QuickAdd />}
      <StatusTabs filter={filter} />
      <TaskList filter={filter} />
    </main>
  );
}
