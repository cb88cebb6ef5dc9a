import { useEffect } from "react";
import { text } from "~/text/en";

/** Names the page in the tab, and so for those who listen when they come to it. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === text.name ? title : `${title} · ${text.name}`;
  }, [title]);
}
