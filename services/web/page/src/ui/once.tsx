/** A secret that is shown this once: to be read, marked with one click, or copied. */
import { useState } from "react";
import { text } from "~/text/en";
import { Button } from "./button";

export function Once({ words, secret }: { words: string; secret: string }) {
  const [copied, setCopied] = useState(false);
  // Where the browser does not let it be copied, the text stands there to be marked.
  const copy = () =>
    void navigator.clipboard.writeText(secret).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <div role="status" className="flex flex-wrap items-center gap-3 rounded-control border border-accent p-3">
      <p className="flex min-w-0 flex-1 basis-side flex-col gap-1">
        {words}
        <code className="break-all font-mono text-meta select-all">{secret}</code>
      </p>
      <Button onClick={copy}>{copied ? text.copied : text.copy}</Button>
    </div>
  );
}
