/** While a tag is being typed into the line at the top, those in use are offered below it. */
import { useState, type KeyboardEvent, type RefObject } from "react";
import { useKnownTags } from "./tag-input";

const typing = /(?:^|\s)#([^\s#]{0,50})$/u;

export interface TagHint {
  options: { value: string; label: string; hint: string }[];
  at: number;
  take: (tag: string) => void;
  /** Takes the keys that are meant for the list; true where one was. */
  key: (event: KeyboardEvent<HTMLInputElement>) => boolean;
}

/** What is offered for the tag that stands before the caret. */
export function useTagHint(
  line: string,
  caret: number | null,
  field: RefObject<HTMLInputElement | null>,
  onLine: (line: string) => void,
): TagHint {
  const before = caret === null ? "" : line.slice(0, caret);
  const typed = typing.exec(before)?.[1] ?? null;
  const known = useKnownTags(typed, []);
  const options =
    typed === null
      ? []
      : known
          .filter((o) => o.value.toLowerCase() !== typed.toLowerCase() && !/\s/.test(o.value))
          .map((o) => ({ ...o, label: "#" + o.value }));
  const [marked, setMarked] = useState({ typed: "", at: 0 });
  const [closed, setClosed] = useState<string | null>(null);
  const at = marked.typed === typed ? Math.min(marked.at, options.length - 1) : 0;
  const shown = typed === null || closed === typed ? [] : options;

  function take(tag: string) {
    const start = before.length - (typed ?? "").length;
    onLine(`${line.slice(0, start)}${tag} ${line.slice(before.length).trimStart()}`);
    requestAnimationFrame(() => field.current?.setSelectionRange(start + tag.length + 1, start + tag.length + 1));
  }

  function key(event: KeyboardEvent<HTMLInputElement>): boolean {
    if (shown.length === 0 || event.nativeEvent.isComposing) return false;
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by !== 0) setMarked({ typed: typed ?? "", at: (at + by + shown.length) % shown.length });
    else if (event.key === "Tab" || (event.key === "Enter" && typed)) take(shown[at]?.value ?? "");
    else if (event.key === "Escape") setClosed(typed);
    else return false;
    event.preventDefault();
    return true;
  }

  return { options: shown, at, take, key };
}
