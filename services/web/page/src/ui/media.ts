import { useSyncExternalStore } from "react";

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => window.matchMedia(query).matches,
  );
}

/** Where fingers rule: the look's 640 px. */
export const narrow = "(max-width: 40rem)";

/** Where a finger points, and a field that is focused brings a keyboard along. */
export const touch = "(pointer: coarse)";

/** Wide enough for the lists to stand at the side: the look's 1024 px. */
export const desktop = "(min-width: 64rem)";

/** Wide enough for the panel to stand beside the list instead of over it: the look's 1280 px. */
export const beside = "(min-width: 80rem)";
