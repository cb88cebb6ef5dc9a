/** What the palette knows to do: with the task at hand, with the list, with the page. */
import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useSignOut } from "~/features/account/sign-out";
import { useLive, useNow, useSnapshot } from "~/features/tasks/context";
import { useDeeds } from "~/features/tasks/deeds";
import { priorities, sorts, views, type ViewName } from "~/features/tasks/filter";
import { usePick } from "~/features/tasks/pick";
import { select } from "~/features/tasks/lister";
import { useUndo } from "~/features/trail/undo";
import type { Task } from "~/lib/api";
import { addDays, dayOf, weekdayOf } from "~/lib/time";
import { text } from "~/text/en";
import type { IconName } from "~/ui/icon";
import { pages } from "./sidebar";
import { setTheme, themes } from "./preferences";
import { useSays } from "./says";

export interface Command {
  id: string;
  label: string;
  icon: IconName;
  /** The key that does the same. */
  key?: string;
  run: () => void;
}

const mostTasks = 8;
const words = text.keys.commands;

/** The tasks that fit what was typed. */
export function useFound(wanted: string): Command[] {
  const tasks = useSnapshot((s) => s.tasks);
  const now = useNow();
  const navigate = useNavigate();
  return useMemo(() => {
    if (!wanted) return [];
    const found = select(tasks.values(), { status: "all", q: wanted }, now).flatMap((g) => g.tasks);
    return found.slice(0, mostTasks).map((task) => ({
      id: task.id,
      label: task.title,
      icon: task.completed ? ("done" as const) : ("task" as const),
      run: () => void navigate({ to: "/tasks/$id", params: { id: task.id }, search: {} }),
    }));
  }, [tasks, now, wanted, navigate]);
}

export function useCommands(onKeys: () => void): Command[] {
  const about = useAboutTasks();
  const onList = useOnList();
  const places = usePlaces();
  const signOut = useSignOut();
  const looks = themes.map((t): Command => ({
    id: "theme-" + t,
    label: text.keys.theme(text.settings.themes[t]),
    icon: "moon",
    run: () => setTheme(t),
  }));
  return [
    ...about,
    ...onList,
    ...places,
    ...looks,
    { id: "print", label: words.print, icon: "print", run: () => requestAnimationFrame(() => window.print()) },
    { id: "keys", label: text.keys.title, icon: "more", key: "?", run: onKeys },
    { id: "sign-out", label: text.nav.signOut, icon: "out", run: () => void signOut() },
  ];
}

/** What can be done to the marked tasks, to the row that had the keyboard, or to the open task. */
function useAboutTasks(): Command[] {
  const { store } = useLive();
  const deeds = useDeeds();
  const pick = usePick();
  const now = useNow();
  const { id: open } = useParams({ strict: false });
  // Read once, when the palette opens: afterwards the keyboard is in its field.
  const [at] = useState(() => document.activeElement?.closest<HTMLElement>("[data-task]")?.dataset["task"]);
  const chosen = store.chosen();
  const id = at ?? open;
  const tasks: Task[] = chosen.length > 0 ? chosen : [id ? store.read().tasks.get(store.idOf(id)) : undefined].flatMap((t) => t ?? []);
  if (tasks.length === 0) return [];
  const what = text.did.what(tasks.map((t) => t.title));
  const today = dayOf(new Date(now.at), now.zone);
  const undone = tasks.filter((t) => !t.completed);
  const command = (id: string, label: string, icon: IconName, key: string | undefined, run: () => void): Command => ({
    id: "do-" + id,
    label: `${label}: ${what}`,
    icon,
    ...(key && { key }),
    run,
  });
  return [
    undone.length > 0
      ? command("done", words.complete, "done", "e", () => deeds.complete(undone))
      : command("open", words.reopen, "undo", "e", () => deeds.reopen(tasks)),
    command("date", words.date, "date", "t", () => pick({ kind: "date", tasks })),
    command("today", words.today, "today", undefined, () => deeds.move(tasks, today)),
    command("tomorrow", words.tomorrow, "date", undefined, () => deeds.move(tasks, addDays(today, 1))),
    command("week", words.nextWeek, "next", undefined, () => deeds.move(tasks, addDays(today, 8 - weekdayOf(today)))),
    command("undated", words.noDate, "close", undefined, () => deeds.move(tasks, null)),
    ...priorities.map((p, i) =>
      command("priority-" + p, words.priority(text.tasks.priority[p]), "flag", String(i + 1), () => deeds.update(tasks, { priority: p })),
    ),
    command("tag", words.tag, "tag", "#", () => pick({ kind: "tag", tasks })),
    command("trash", words.remove, "trash", "Del", () => deeds.remove(tasks)),
  ];
}

/** What is done to the list and to what was done. */
function useOnList(): Command[] {
  const navigate = useNavigate();
  const { store } = useLive();
  const { undoLast } = useSays();
  const undo = useUndo();
  // On this list where it has the field, else on the inbox: what is done or in the trash cannot be added to.
  const focus = (what: string) =>
    void navigate({ to: "/tasks", search: (before: object) => (document.querySelector(what) ? before : {}) }).then(() =>
      requestAnimationFrame(() => document.querySelector<HTMLElement>(what)?.focus()),
    );
  return [
    { id: "add", label: text.tasks.add, icon: "plus", key: "q", run: () => focus("[data-quick-add]") },
    { id: "search", label: text.tasks.toolbar.search, icon: "search", key: "/", run: () => focus("[data-search]") },
    { id: "undo", label: words.undo, icon: "undo", key: "z", run: () => void (undoLast() || undo.mutate({})) },
    { id: "select", label: words.select, icon: "select", run: () => store.select(store.order) },
    ...sorts.map((sort): Command => ({
      id: "sort-" + sort,
      label: words.sort(text.tasks.toolbar.sorts[sort]),
      icon: "sort",
      run: () => void navigate({ to: "/tasks", search: (before: object) => ({ ...before, sort }) }),
    })),
    ...priorities.map((priority): Command => ({
      id: "show-" + priority,
      label: words.show(text.tasks.priority[priority]),
      icon: "flag",
      run: () => void navigate({ to: "/tasks", search: { priority: [priority] } }),
    })),
  ];
}

/** Every list, tag and page. */
function usePlaces(): Command[] {
  const navigate = useNavigate();
  const tasks = useSnapshot((s) => s.tasks);
  const keys: Partial<Record<string, string>> = { inbox: "g i", today: "g t", upcoming: "g u", "/activity": "g a", "/chat": "g c", "/settings": "g s", "/numbers": "g n" }; // prettier-ignore
  const tags = useMemo(() => [...new Set([...tasks.values()].flatMap((t) => (t.deleted_at ? [] : t.tags)))].sort(), [tasks]);
  const hint = (of: string) => (keys[of] ? { key: keys[of] } : {});
  return [
    ...(Object.keys(views) as ViewName[]).map((name): Command => ({
      id: "go-" + name,
      label: text.keys.goTo(text.nav[name]),
      icon: name,
      ...hint(name),
      run: () => void navigate({ to: "/tasks", search: views[name] }),
    })),
    ...pages.map(([to, icon, label]): Command => ({
      id: "go" + to,
      label: text.keys.goTo(label),
      icon,
      ...hint(to),
      run: () => void navigate({ to }),
    })),
    { id: "go-data", label: text.keys.goTo(words.data), icon: "settings", run: () => void navigate({ to: "/settings/data" }) },
    { id: "go-ways", label: text.keys.goTo(words.ways), icon: "bell", run: () => void navigate({ to: "/settings/notices" }) },
    ...tags.map((tag): Command => ({
      id: "tag-" + tag,
      label: text.keys.goTo("#" + tag),
      icon: "tag",
      run: () => void navigate({ to: "/tasks", search: { tag: [tag] } }),
    })),
  ];
}
