/** The person's tasks for every page of the shell: one replica and one feed, however many lists look at it. */
import { createContext, use, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import { usePerson } from "~/features/account/person";
import { useSays } from "~/features/shell/says";
import type { Task } from "~/lib/api";
import { dropToken } from "~/lib/auth";
import { halfMinute } from "~/lib/clock";
import { sayProblem } from "~/lib/problem";
import { Live } from "./live";
import { News } from "./news";
import type { Snapshot } from "./store";
import type { Now } from "./select";

/** Of the shell; a page that shows states of its own brings its own. */
export const LiveContext = createContext<Live | null>(null);

export function TasksProvider({ children, onSignedOut }: { children: ReactNode; onSignedOut: () => void }) {
  const person = usePerson();
  const { say } = useSays();
  const needs = useRef({ say, onSignedOut, zone: person.timeZone });
  useEffect(() => {
    needs.current = { say, onSignedOut, zone: person.timeZone };
  });
  const [live, setLive] = useState<Live | null>(null);
  // Before the picture is shown: else the first would be an empty one.
  useLayoutEffect(() => {
    const news = new News((words) => needs.current.say({ words }));
    const made = new Live({
      user: person.id,
      zone: () => needs.current.zone,
      onNews: (frame) => {
        // In the chat the agent itself says what it did.
        const told = frame.source === "chat" && location.pathname.startsWith("/chat");
        if (!made.nextOf.heard(frame) && !told) news.add(frame);
      },
      onRefused: (command, err) => {
        needs.current.say({ words: sayProblem(err) });
        if (command.type === "add") made.store.set({ returned: command.line?.text ?? command.task.title });
      },
      onSignedOut: () => {
        dropToken();
        needs.current.onSignedOut();
      },
    });
    setLive(made);
    made.start();
    return () => {
      news.stop();
      made.stop();
    };
  }, [person.id]);
  return live && <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  const live = use(LiveContext);
  if (!live) throw new Error("useLive outside of the shell");
  return live;
}

/** The part of the snapshot that one looks at: only a change of that draws anew. */
export function useSnapshot<Part>(pick: (snapshot: Snapshot) => Part): Part {
  const { store } = useLive();
  return useSyncExternalStore(store.subscribe, () => pick(store.read()));
}

/** One task as it is shown now; undefined where there is none. */
export function useTask(id: string): Task | undefined {
  const { store } = useLive();
  return useSyncExternalStore(store.subscribe, () => store.read().tasks.get(store.idOf(id)));
}

/** The time by which lists are cut, going on every half minute. */
export function useNow(): Now {
  const { timeZone: zone } = usePerson();
  const at = useSyncExternalStore(halfMinute.subscribe, halfMinute.read);
  return useMemo(() => ({ at, zone }), [at, zone]);
}
