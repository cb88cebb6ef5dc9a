/** The keys that work on every page, and the sheet that names them all. */
import { useNavigate, type NavigateOptions } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { isTyping } from "~/features/tasks/keys";
import { text } from "~/text/en";
import { keysOn } from "./preferences";

// The palette brings its own components; they come when the page has settled, so that no key is lost when it is asked for.
const loadPalette = () => import("./palette");
const Palette = lazy(() => loadPalette().then((m) => ({ default: m.Palette })));
const KeySheet = lazy(() => import("./key-sheet").then((m) => ({ default: m.KeySheet })));

export type Sheet = "palette" | "keys" | null;
export const openSheet = (sheet: Exclude<Sheet, null>): boolean =>
  window.dispatchEvent(new CustomEvent("tickler:sheet", { detail: sheet }));

/** The line at the top, which comes to where one is. */
const quickAdd = "[data-quick-add]";

/** Where `g` and a letter lead. */
const goals: Record<string, Pick<NavigateOptions, "to" | "search">> = {
  i: { to: "/tasks", search: {} },
  t: { to: "/tasks", search: { due: "today" } },
  u: { to: "/tasks", search: { due: "week" } },
  c: { to: "/chat" },
  a: { to: "/activity" },
  n: { to: "/numbers" },
  s: { to: "/settings" },
};

export function GlobalKeys() {
  const [sheet, setSheet] = useState<Sheet>(null);
  const navigate = useNavigate();
  const going = useRef(false);
  const latest = useRef<(event: KeyboardEvent) => void>(() => undefined);

  useEffect(() => {
    latest.current = (event) => {
      if ((event.metaKey || event.ctrlKey) && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setSheet((s) => (s === "palette" ? null : "palette"));
        return;
      }
      if (event.defaultPrevented || !keysOn() || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("dialog[open], [role=dialog]")) return;
      const after = going.current;
      going.current = event.key === "g";
      const place = after ? goals[event.key] : undefined;
      if (place) {
        event.preventDefault();
        void navigate(place);
        return;
      }
      const deed: Record<string, () => void> = {
        q: () => focusOrGo(quickAdd),
        "/": () => focusOrGo("[data-search]"),
        "?": () => setSheet("keys"),
      };
      const found = deed[event.key];
      if (!found) return;
      event.preventDefault();
      found();
    };

    function focusOrGo(what: string): void {
      const here = document.querySelector<HTMLElement>(what);
      if (here && !here.closest("[inert]")) return here.focus({ preventScroll: what === quickAdd });
      void navigate({ to: "/tasks" }).then(() => requestAnimationFrame(() => document.querySelector<HTMLElement>(what)?.focus()));
    }
  });

  useEffect(() => {
    const timer = setTimeout(() => void loadPalette().catch(() => undefined), 3_000);
    return () => clearTimeout(timer);
  }, []);

  useEffect(() => {
    const listen = (event: KeyboardEvent) => latest.current(event);
    const asked = (event: Event) => setSheet((event as CustomEvent<Sheet>).detail);
    // Before the list hears it: after g, a letter is a place and no deed.
    document.addEventListener("keydown", listen, true);
    window.addEventListener("tickler:sheet", asked);
    return () => {
      document.removeEventListener("keydown", listen, true);
      window.removeEventListener("tickler:sheet", asked);
    };
  }, []);

  const close = () => setSheet(null);
  return (
    <Suspense fallback={<span className="sr-only">{text.keys.loading}</span>}>
      {sheet === "palette" && <Palette onClose={close} onKeys={() => setSheet("keys")} />}
      {sheet === "keys" && <KeySheet onClose={close} />}
    </Suspense>
  );
}
