/** The list in every state that it can be in, each from a replica of its own that nobody fills. */
import { useState } from "react";
import { PersonProvider } from "~/features/account/person";
import { SaysProvider } from "~/features/shell/says";
import { LiveContext } from "~/features/tasks/context";
import { DeedsProvider } from "~/features/tasks/deeds";
import type { Filter } from "~/features/tasks/filter";
import { TaskList } from "~/features/tasks/list";
import { Live } from "~/features/tasks/live";
import { PickProvider } from "~/features/tasks/pick";
import { sample } from "~/features/tasks/sample";
import type { Snapshot } from "~/features/tasks/store";
import type { Task } from "~/lib/api";
import { NoConnection, Problem } from "~/lib/problem";
import { addDays, dayOf } from "~/lib/time";
import { Part } from "./components";

const person = { id: "sample", name: "Ana", email: "ana@example.com", timeZone: "UTC" };
const today = dayOf(new Date(), "UTC");
const due = (days: number, clock?: string): Partial<Task> => {
  const day = addDays(today, days);
  return clock ? { due_date: `${day}T${clock}:00Z`, due_at: `${day}T${clock}:00Z` } : { due_date: day, due_at: `${day}T23:59:59Z` };
};
const rule = { rrule: "FREQ=DAILY", anchor: "due_date" as const, text: "every day", frequency: "daily" as const, interval: 1 };

const tasks: Task[] = [
  sample({ title: "Send the offer", priority: "critical", tags: ["work"], ...due(-3, "09:00") }),
  sample({ title: "Pay rent", priority: "high", tags: ["home"], recurrence_rule: rule, ...due(0, "23:50") }),
  sample({ title: "Call Ana", description: "About the party", ...due(1, "15:00") }),
  sample({
    title: "Averyveryverylongwordthatnobodywouldeverwritebutsomebodypastesanywayintothelist ".repeat(2).trim(),
    tags: ["a", "b", "c"],
  }),
  sample({ title: "<b>bold</b> & ‮reversed‬ 🎂", priority: "low" }),
  sample({ title: "Water the plants", completed: true, completed_at: new Date().toISOString() }),
];
const [first, second, third] = tasks;
const trash = [sample({ title: "Old thing", deleted_at: new Date().toISOString() })];

interface State {
  name: string;
  tasks?: Task[];
  snapshot?: Partial<Snapshot>;
  filter?: Filter;
  /** Whether something was done that is not sent. */
  unsent?: boolean;
}

const states: State[] = [
  { name: "List", tasks },
  { name: "List: somebody else’s change", tasks: tasks.slice(1, 3), snapshot: { glowing: new Set([second?.id ?? ""]) } },
  {
    name: "List: some selected",
    tasks: tasks.slice(0, 3),
    snapshot: { selecting: true, selected: new Set([first?.id ?? "", third?.id ?? ""]) },
  },
  { name: "List: offline", tasks: tasks.slice(1, 3), unsent: true, snapshot: { feed: "offline" } },
  { name: "Upcoming", tasks, filter: { due: "week" } },
  { name: "Trash", tasks: trash, filter: { status: "deleted" } },
  { name: "Loading", snapshot: { ready: false } },
  { name: "Empty", filter: { due: "today" } },
  { name: "Nothing matches", tasks, filter: { q: "nothing like that" } },
  { name: "Away", snapshot: { ready: false, failed: new NoConnection() } },
  { name: "Error", snapshot: { ready: false, failed: new Problem(500, {}) } },
];

export function ListStates() {
  return (
    <PersonProvider value={person}>
      <SaysProvider>
        {states.map((state) => (
          <Part key={state.name} name={state.name}>
            <Held state={state} />
          </Part>
        ))}
      </SaysProvider>
    </PersonProvider>
  );
}

function Held({ state }: { state: State }) {
  const [live] = useState(() => held(state));
  const [filter] = useState(state.filter ?? {});
  return (
    <LiveContext value={live}>
      <DeedsProvider>
        <PickProvider>
          <TaskList filter={filter} open={undefined} />
        </PickProvider>
      </DeedsProvider>
    </LiveContext>
  );
}

/** A replica that is filled by hand and never started. */
function held({ tasks = [], snapshot = {}, unsent = false }: State): Live {
  const nothing = () => undefined;
  const live = new Live({ user: person.id, zone: () => person.timeZone, onNews: nothing, onRefused: nothing, onSignedOut: nothing });
  const at = new Date().toISOString();
  live.store.change((r) => ({
    ...r,
    base: new Map(tasks.map((t) => [t.id, t])),
    pending: unsent && tasks[0] ? [{ id: "1", taskId: tasks[0].id, at, kept: true, type: "update", patch: { title: tasks[0].title } }] : [],
  }));
  live.store.set({ ready: true, feed: "live", ...snapshot });
  return live;
}
