/** The lists and pages, at the side on a desktop. */
import { Link, useRouter, useRouterState } from "@tanstack/react-router";
import { memo, useDeferredValue, useMemo, useState, useSyncExternalStore } from "react";
import { usePerson } from "~/features/account/person";
import { useNotices } from "~/features/notices/query";
import { useLive, useNow } from "~/features/tasks/context";
import { Counter, type Counts } from "~/features/tasks/counts";
import { useDeeds, type Deeds } from "~/features/tasks/deeds";
import { useDropPlace } from "~/features/tasks/drag";
import { sameTag } from "~/features/tasks/facts";
import { views, type Filter, type ViewName } from "~/features/tasks/filter";
import { useSignOut } from "~/features/account/sign-out";
import type { Task } from "~/lib/api";
import { addDays, dayOf } from "~/lib/time";
import { numberWords, text } from "~/text/en";
import { Icon, type IconName } from "~/ui/icon";
import { FeedLine } from "./feed-line";

const lists: ViewName[] = ["inbox", "today", "upcoming", "overdue", "done", "trash"];

export const pages = [
  ["/chat", "chat", text.nav.chat],
  ["/notices", "bell", text.nav.notices],
  ["/activity", "activity", text.nav.activity],
  ["/numbers", "numbers", text.nav.numbers],
  ["/settings", "settings", text.nav.settings],
] as const;

/** How many notices are unread; nothing where there are none, or where nobody can tell. */
function Unread() {
  const unread = useNotices().data?.unread ?? 0;
  if (unread === 0) return null;
  return (
    <span className="figures rounded-full bg-accent px-2 text-meta text-on-accent">
      {unread}
      <span className="sr-only"> {text.notices.unread}</span>
    </span>
  );
}

/** The numbers beside the lists: only where one of them changes is anything drawn anew. */
function useCounts(): Counts {
  const { store } = useLive();
  const now = useNow();
  const [counter] = useState(() => new Counter());
  return useSyncExternalStore(store.subscribe, () => counter.count(store.read().tasks, now));
}

export function Sidebar() {
  return (
    <header className="no-print sticky top-0 flex h-dvh w-side shrink-0 flex-col gap-4 overflow-y-auto border-r border-line p-3">
      <p className="px-2 pt-1 font-head">{text.name}</p>
      <Lists />
      <div className="mt-auto flex flex-col gap-2">
        <FeedLine />
        <Account />
      </div>
    </header>
  );
}

/** The links themselves; the phone's drawer shows the same ones. */
export function Lists({ onGo }: { onGo?: (() => void) | undefined }) {
  const counts = useDeferredValue(useCounts()); // what was done comes first, its number after it
  const numbers: Partial<Record<ViewName, number>> = { inbox: counts.inbox, today: counts.today, overdue: counts.overdue };
  const deeds = useDeeds();
  const now = useNow();
  const today = dayOf(new Date(now.at), now.zone);
  // What it means to let a task go on a list.
  const drops = useMemo(
    (): Partial<Record<ViewName, (tasks: Task[]) => void>> => ({
      inbox: (tasks) => deeds.move(tasks, null),
      today: (tasks) => deeds.move(tasks, today),
      upcoming: (tasks) => deeds.move(tasks, addDays(today, 1)),
      done: (tasks) => deeds.complete(tasks),
      trash: (tasks) => deeds.remove(tasks),
    }),
    [deeds, today],
  );
  return (
    <nav aria-label={text.nav.label} className="flex flex-col gap-4">
      <ul>
        {lists.map((name) => (
          <li key={name}>
            <ListLink name={name} count={numbers[name]} onGo={onGo} onDrop={drops[name]} />
          </li>
        ))}
      </ul>
      {counts.tags.length > 0 && (
        <ul className="border-t border-line pt-3">
          {counts.tags.map(({ tag, open }) => (
            <li key={tag}>
              <TagLink tag={tag} count={open} onGo={onGo} />
            </li>
          ))}
        </ul>
      )}
      <Pages onGo={onGo} />
    </nav>
  );
}

const Pages = memo(function Pages({ onGo }: { onGo: (() => void) | undefined }) {
  return (
    <ul className="border-t border-line pt-3">
      {pages.map(([to, icon, label]) => (
        <li key={to}>
          <Link to={to} onClick={onGo} className={linkClass} activeProps={active} inactiveProps={inactive}>
            <Icon name={icon} />
            <span className="flex-1">{label}</span>
            {to === "/notices" && <Unread />}
          </Link>
        </li>
      ))}
    </ul>
  );
});

const linkClass = "flex min-h-8 items-center gap-3 rounded-control px-2 text-ink max-lg:min-h-touch";
const active = { className: "bg-accent-soft font-strong", "aria-current": "page" } as const;
const inactive = { className: "hover:bg-hover" };

function addTag(deeds: Deeds, tasks: Task[], tag: string): void {
  const without = tasks.filter((t) => !t.tags.some((had) => sameTag(had, tag)));
  if (without.length > 0) deeds.update(without, (task) => ({ tags: [...task.tags, tag] }));
}

interface CountedProps {
  count: number | undefined;
  onGo: (() => void) | undefined;
}

interface ListLinkProps extends CountedProps {
  name: ViewName;
  /** Takes tasks that are let go here. */
  onDrop: ((tasks: Task[]) => void) | undefined;
}

// Drawn anew when their own number changes, not with every task.
const ListLink = memo(function ListLink({ name, ...rest }: ListLinkProps) {
  return <Place {...rest} search={views[name]} icon={name} label={text.nav[name]} late={name === "overdue"} />;
});

const TagLink = memo(function TagLink({ tag, ...rest }: CountedProps & { tag: string }) {
  const deeds = useDeeds();
  return <Place {...rest} search={{ tag: [tag] }} icon="tag" label={tag} onDrop={(tasks) => addTag(deeds, tasks, tag)} />;
});

interface PlaceProps extends Omit<ListLinkProps, "name"> {
  search: Filter;
  icon: IconName;
  label: string;
  /** Whether what is counted is late. */
  late?: boolean;
}

function Place({ search, icon, label, count, late = false, onGo, onDrop }: PlaceProps) {
  const { over, place } = useDropPlace(onDrop);
  // A task's panel stands beside the list it was opened from: that list is still where one is.
  const router = useRouter();
  const beside = useRouterState({ select: (s) => (s.location.pathname.startsWith("/tasks/") ? s.location.searchStr : null) });
  const here = beside !== null && beside === router.buildLocation({ to: "/tasks", search }).searchStr;
  return (
    <Link
      {...place}
      draggable={false}
      to="/tasks"
      search={search}
      onClick={onGo}
      className={`${linkClass} ${over ? "drop" : ""}`}
      activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
      activeProps={active}
      inactiveProps={here ? { ...active, "aria-current": "true" } : inactive}
    >
      <Icon name={icon} />
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {!!count && <span className={`figures text-meta ${late ? "font-strong text-overdue" : "text-quiet"}`}>{numberWords(count)}</span>}
    </Link>
  );
}

function Account() {
  const person = usePerson();
  const signOut = useSignOut();
  return (
    <div className="flex items-center gap-2 border-t border-line pt-3">
      <span className="min-w-0 flex-1 truncate px-2 text-meta text-quiet" title={person.email}>
        {person.name}
      </span>
      <button type="button" onClick={() => void signOut()} className="min-h-8 rounded-control px-2 text-meta hover:bg-hover">
        {text.nav.signOut}
      </button>
    </div>
  );
}
