/** The little Markdown that an agent writes: paragraphs, lists, bold, code. Text stays text: there is no way to HTML or links. */
import type { ReactNode } from "react";

type Block = { kind: "p"; lines: string[] } | { kind: "ul" | "ol"; lines: string[]; start?: number };

/** Cuts a text into paragraphs and lists. */
export function blocks(source: string): Block[] {
  const out: Block[] = [];
  let open: Block | undefined;
  for (const line of source.split("\n")) {
    const item = /^\s*(?:([-*•])|(\d{1,4})[.)])\s+(.*)$/.exec(line);
    if (item) {
      const kind = item[1] ? "ul" : "ol";
      if (open?.kind !== kind) {
        open = kind === "ol" ? { kind, lines: [], start: Number(item[2]) } : { kind, lines: [] };
        out.push(open);
      }
      open.lines.push(item[3] ?? "");
    } else if (line.trim() === "") {
      open = undefined;
    } else if (open?.kind === "p") {
      open.lines.push(line);
    } else {
      open = { kind: "p", lines: [line] };
      out.push(open);
    }
  }
  return out;
}

function inline(line: string): ReactNode[] {
  return line.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part, i) => {
    if (part.startsWith("**") && part.length > 4) return <strong key={i}>{part.slice(2, -2)}</strong>;
    if (part.startsWith("`") && part.length > 2)
      return (
        <code key={i} className="font-mono text-meta">
          {part.slice(1, -1)}
        </code>
      );
    return part;
  });
}

export function Prose({ source }: { source: string }) {
  return (
    <div className="flex flex-col gap-2">
      {blocks(source).map((block, i) => {
        const items = block.lines.map((line, j) => <li key={j}>{inline(line)}</li>);
        if (block.kind === "ul")
          return (
            <ul key={i} className="list-disc pl-6">
              {items}
            </ul>
          );
        if (block.kind === "ol")
          return (
            <ol key={i} start={block.start} className="list-decimal pl-8">
              {items}
            </ol>
          );
        return (
          <p key={i} className="whitespace-pre-line">
            {block.lines.flatMap((line, j) => [j > 0 ? "\n" : "", ...inline(line)])}
          </p>
        );
      })}
    </div>
  );
}
