/**
 * The little Markdown of notes: paragraphs, lists, boxes to tick, headings, quotes, bold, italic, code, links. It makes
 * elements, never HTML from text; a link leads to http, https or mail alone, and nothing is loaded from anywhere.
 */
import { Fragment, type ReactNode } from "react";

type Item = { words: string; done: boolean | null; line: number };
export type Block =
  | { kind: "p" | "quote"; lines: string[] }
  | { kind: "head"; words: string }
  | { kind: "code"; lines: string[] }
  | { kind: "ul"; items: Item[] }
  | { kind: "ol"; items: Item[]; start: number };

/** Cuts a text into blocks. `line` of an item is where it stands, so that its box can be ticked. */
export function blocksOf(source: string): Block[] {
  const out: Block[] = [];
  let open: Block | undefined;
  const begin = <B extends Block>(block: B): B => {
    out.push(block);
    open = block;
    return block;
  };
  source.split("\n").forEach((raw, line) => {
    if (open?.kind === "code") {
      if (raw.trim() === "```") open = undefined;
      else open.lines.push(raw);
      return;
    }
    const item = /^\s*(?:[-*•]|(\d{1,4})[.)])\s+(?:\[([ xX])\]\s+)?(.*)$/.exec(raw);
    const head = /^#{1,6}\s+(.+)$/.exec(raw);
    const quote = /^>\s?(.*)$/.exec(raw);
    if (/^```/.test(raw)) begin({ kind: "code", lines: [] });
    else if (item) {
      const words = { words: item[3] ?? "", done: item[2] === undefined ? null : item[2] !== " ", line };
      const kind = item[1] ? "ol" : "ul";
      if (open?.kind === kind) open.items.push(words);
      else begin(kind === "ol" ? { kind, items: [words], start: Number(item[1]) } : { kind, items: [words] });
    } else if (head) {
      begin({ kind: "head", words: head[1] ?? "" });
      open = undefined;
    } else if (raw.trim() === "") open = undefined;
    else if (quote) {
      if (open?.kind === "quote") open.lines.push(quote[1] ?? "");
      else begin({ kind: "quote", lines: [quote[1] ?? ""] });
    } else if (open?.kind === "p") open.lines.push(raw);
    else begin({ kind: "p", lines: [raw] });
  });
  return out;
}

/** The text with the box of one line ticked, or its tick taken away. */
export function tick(source: string, line: number): string {
  const lines = source.split("\n");
  lines[line] = (lines[line] ?? "").replace(/\[([ xX])\]/, (_, was: string) => (was === " " ? "[x]" : "[ ]"));
  return lines.join("\n");
}

// Each has a bound, so that a long line of open brackets is not read over and over.
const parts =
  /(`[^`]{1,1000}`|\*\*[^*]{1,1000}\*\*|__[^_]{1,1000}__|\*[^*\s][^*]{0,1000}\*|\[[^\]]{1,300}\]\([^()\s]{1,2000}\)|https?:\/\/[^\s<>"]+)/;

/** Where a link may lead; anything else stays text. */
export function safeLink(address: string): string | null {
  return /^(https?:\/\/|mailto:)[^\s]+$/i.test(address) && URL.canParse(address) ? address : null;
}

function inline(line: string): ReactNode[] {
  return line.split(parts).map((part, i) => {
    if (/^`.+`$/.test(part))
      return (
        <code key={i} className="rounded-control bg-hover px-1 font-mono text-meta">
          {part.slice(1, -1)}
        </code>
      );
    if (/^(\*\*|__).+\1$/.test(part)) return <strong key={i}>{part.slice(2, -2)}</strong>;
    if (/^\*.+\*$/.test(part)) return <em key={i}>{part.slice(1, -1)}</em>;
    const named = /^\[([^\]]+)\]\(([^()\s]+)\)$/.exec(part);
    if (named) return link(i, named[2] ?? "", named[1] ?? "", part);
    if (/^https?:/.test(part)) {
      const end = /[.,;:!?)]+$/.exec(part)?.[0] ?? "";
      const address = part.slice(0, part.length - end.length);
      return (
        <Fragment key={i}>
          {link(i, address, address, address)}
          {end}
        </Fragment>
      );
    }
    return part;
  });
}

function link(key: number, address: string, words: string, otherwise: string): ReactNode {
  const to = safeLink(address);
  if (!to) return otherwise;
  return (
    <a key={key} href={to} target="_blank" rel="noopener noreferrer nofollow" className="text-accent underline underline-offset-4">
      {words}
    </a>
  );
}

interface MarkdownProps {
  source: string;
  /** Called with the text after a box was ticked; without it boxes cannot be. */
  onTick?: (source: string) => void;
}

export function Markdown({ source, onTick }: MarkdownProps) {
  return (
    <div className="flex flex-col gap-2">
      {blocksOf(source).map((block, i) => (
        <Shown key={i} block={block} onTick={onTick && ((line) => onTick(tick(source, line)))} />
      ))}
    </div>
  );
}

function Shown({ block, onTick }: { block: Block; onTick: ((line: number) => void) | undefined }) {
  switch (block.kind) {
    case "head":
      return <p className="font-head">{inline(block.words)}</p>;
    case "code":
      return (
        <pre className="overflow-x-auto rounded-control bg-hover p-2 font-mono text-meta whitespace-pre-wrap">{block.lines.join("\n")}</pre>
      );
    case "quote":
      return <blockquote className="border-l-2 border-line pl-3 whitespace-pre-line text-quiet">{lines(block.lines)}</blockquote>;
    case "p":
      return <p className="whitespace-pre-line">{lines(block.lines)}</p>;
    case "ol":
      return (
        <ol start={block.start} className="list-decimal pl-6">
          {block.items.map((item) => (
            <li key={item.line}>{inline(item.words)}</li>
          ))}
        </ol>
      );
    case "ul":
      return (
        <ul className={block.items.some((item) => item.done !== null) ? "" : "list-disc pl-6"}>
          {block.items.map((item) => (
            <li key={item.line}>{item.done === null ? inline(item.words) : <Box item={item} onTick={onTick} />}</li>
          ))}
        </ul>
      );
  }
}

const lines = (all: string[]): ReactNode[] => all.flatMap((line, i) => [i > 0 ? "\n" : "", ...inline(line)]);

function Box({ item, onTick }: { item: Item; onTick: ((line: number) => void) | undefined }) {
  return (
    <label className="flex min-h-6 items-start gap-2">
      <input
        type="checkbox"
        checked={item.done === true}
        disabled={!onTick}
        onChange={() => onTick?.(item.line)}
        className="mt-1 size-4 shrink-0 accent-accent"
      />
      <span className={item.done ? "text-quiet line-through" : ""}>{inline(item.words)}</span>
    </label>
  );
}
