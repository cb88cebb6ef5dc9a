/**
 * What the page says: toasts with a way back, and a live region for those who listen. Toasts wait while one looks at
 * them, and the last one can be taken back with the keyboard.
 */
import { createContext, use, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { text } from "~/text/en";

export interface Saying {
  words: string;
  undo?: (() => void) | undefined;
}

interface Shown extends Saying {
  id: number;
}

export interface Says {
  /** Shows a message, with a way back where there is one; answers the name by which it can be amended. */
  say: (saying: Saying) => number;
  /** Changes the words of a message that is still shown. */
  amend: (id: number, words: string) => void;
  /** Takes the last one back; false where there is nothing to take back. */
  undoLast: () => boolean;
}

const SaysContext = createContext<Says>({ say: () => -1, amend: () => undefined, undoLast: () => false });
export const useSays = (): Says => use(SaysContext);

const mostShown = 2;
const shownFor = { plain: 5_000, undo: 10_000 };

export function SaysProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Shown[]>([]);
  const next = useRef(0);
  const latest = useRef<Shown[]>([]);
  useEffect(() => {
    latest.current = shown;
  }, [shown]);

  const drop = useCallback((id: number) => setShown((all) => all.filter((s) => s.id !== id)), []);
  const says = useMemo<Says>(
    () => ({
      say: (saying) => {
        const id = next.current++;
        setShown((all) => [...all.slice(1 - mostShown), { ...saying, id }]);
        return id;
      },
      amend: (id, words) => setShown((all) => all.map((s) => (s.id === id ? { ...s, words } : s))),
      undoLast: () => {
        const last = latest.current.findLast((s) => s.undo);
        if (!last) return false;
        last.undo?.();
        drop(last.id);
        return true;
      },
    }),
    [drop],
  );

  return (
    <SaysContext value={says}>
      {children}
      <div
        role="status"
        aria-live="polite"
        aria-atomic="false"
        aria-label={text.did.region}
        className="says no-print pointer-events-none fixed inset-x-0 bottom-0 z-40 flex flex-col items-center gap-2 p-4 max-lg:bottom-12 lg:left-side"
      >
        {shown.map((s) => (
          <Toast key={s.id} saying={s} onGone={() => drop(s.id)} />
        ))}
      </div>
    </SaysContext>
  );
}

function Toast({ saying, onGone }: { saying: Saying; onGone: () => void }) {
  const [watched, setWatched] = useState(false);
  const gone = useRef(onGone);
  useEffect(() => {
    gone.current = onGone;
  });
  useEffect(() => {
    if (watched) return;
    const timer = setTimeout(() => gone.current(), saying.undo ? shownFor.undo : shownFor.plain);
    return () => clearTimeout(timer);
  }, [watched, saying.undo]);

  return (
    <div
      className="arrive pointer-events-auto flex max-w-words items-center gap-3 rounded-panel bg-ink px-4 py-2 text-paper shadow-float"
      onPointerEnter={() => setWatched(true)}
      onPointerLeave={() => setWatched(false)}
    >
      <span className="line-clamp-2 min-w-0">{saying.words}</span>
      {saying.undo && (
        <button
          type="button"
          className="min-h-8 shrink-0 rounded-control px-2 font-strong underline underline-offset-4"
          onFocus={() => setWatched(true)}
          onBlur={() => setWatched(false)}
          onClick={() => {
            saying.undo?.();
            onGone();
          }}
        >
          {text.did.undo}
        </button>
      )}
    </div>
  );
}
