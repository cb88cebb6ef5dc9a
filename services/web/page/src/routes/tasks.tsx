/** `/tasks` and `/tasks/{id}`: the list is the page, the task stands beside it. What is shown is in the address. */
import { getRouteApi, useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useDeferredValue, useEffect, useMemo } from "react";
import { viewName, type Filter } from "~/features/tasks/filter";
import { TaskList } from "~/features/tasks/list";
import { expectPanel, Panel } from "~/features/tasks/panel";
import { QuickAdd } from "~/features/tasks/quick-add";
import { Toolbar } from "~/features/tasks/toolbar";
import { useListKeys } from "~/features/tasks/keys";
import { useNow, useSnapshot, useTask } from "~/features/tasks/context";
import { dayOf, headDay } from "~/lib/time";
import { text } from "~/text/en";
import { beside, useMedia } from "~/ui/media";
import { Icon } from "~/ui/icon";
import { useTitle } from "~/ui/title";

const route = getRouteApi("/shell/tasks");

export function Tasks() {
  const filter = route.useSearch();
  const { id } = useParams({ strict: false });
  const navigate = useNavigate();
  const wide = useMedia(beside);
  const close = useCallback(() => {
    void navigate({ to: "/tasks", search: (before: Filter) => before }).then(() => focusRow(id));
  }, [navigate, id]);
  useListKeys({ open: id, onClose: close });
  useEffect(() => {
    // A hand or a key on the page: now a task may be opened.
    const signs = ["pointerover", "keydown"] as const;
    for (const sign of signs) document.addEventListener(sign, expectPanel, { once: true });
    return () => signs.forEach((sign) => document.removeEventListener(sign, expectPanel));
  }, []);
  const selecting = useSnapshot((s) => s.selecting);
  const listed = useFollowing(filter);
  const title = titleOf(filter);
  const now = useNow();
  const implied = useMemo(
    () => ({ ...(filter.due === "today" && { due_date: dayOf(new Date(now.at), now.zone) }), ...(filter.tag && { tags: filter.tag }) }),
    [filter, now],
  );
  const adds = filter.status !== "deleted" && filter.status !== "completed"; // what is added there would not be seen there
  const task = useTask(id ?? "");
  useEffect(() => {
    // Opened before the service had named it: the address is to hold elsewhere too.
    if (!id || !task || task.id === id) return;
    void navigate({ to: "/tasks/$id", params: { id: task.id }, search: (before: Filter) => before, replace: true });
  }, [id, task, navigate]);
  useTitle(task?.title ?? title);
  return (
    <div className="flex">
      <main
        id="main"
        tabIndex={-1}
        inert={id !== undefined && !wide}
        className="mx-auto flex min-w-0 max-w-list flex-1 flex-col gap-4 p-4 outline-none lg:pt-8"
      >
        <Toolbar filter={filter} title={title} aside={filter.due === "today" ? headDay(dayOf(new Date(now.at), now.zone)) : null} />
        {adds && <QuickAdd implied={implied} />}
        <TaskList filter={listed} open={id} />
        {adds && !selecting && <ThumbButton />}
      </main>
      {id !== undefined && <Panel id={id} onClose={close} />}
    </div>
  );
}

/** The filter with what is searched following a moment later: letters come first, what they find after them. */
function useFollowing(filter: Filter): Filter {
  const q = useDeferredValue(filter.q);
  return useMemo(() => {
    if (q === filter.q) return filter;
    const { q: _typed, ...rest } = filter;
    return q === undefined ? rest : { ...rest, q };
  }, [filter, q]);
}

/** At the thumb on a phone: it brings the line at the top to wherever one has scrolled to. */
function ThumbButton() {
  return (
    <button
      type="button"
      aria-label={text.tasks.fresh}
      onClick={() => document.querySelector<HTMLElement>("[data-quick-add]")?.focus({ preventScroll: true })}
      className="at-thumb-plus no-print fixed right-4 bottom-touch z-20 mb-4 inline-flex size-touch items-center justify-center rounded-full bg-accent text-on-accent shadow-float sm:hidden"
    >
      <Icon name="plus" />
    </button>
  );
}

function titleOf(filter: Filter): string {
  const name = viewName(filter);
  return filter.tag ? filter.tag.map((t) => "#" + t).join(" ") : text.nav[name];
}

/** The keyboard goes back to the row that the panel was opened from. */
function focusRow(id: string | undefined): void {
  if (id) document.querySelector<HTMLElement>(`[data-task="${CSS.escape(id)}"] [data-row]`)?.focus();
}
