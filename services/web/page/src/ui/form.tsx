/** A small form: it runs what it is for, says how that went, and keeps what was typed when it did not work. */
import { useState, type ReactNode, type SubmitEvent } from "react";
import { Button } from "./button";
import { Notice } from "./notice";

interface FormProps {
  button: string;
  kind?: "main" | "plain" | "danger";
  /** Does it. A string that comes back is what went wrong; nothing means it worked. */
  onSubmit: (values: FormData) => Promise<string | undefined>;
  /** What is said when it worked. */
  done?: string;
  /** Whether the fields are emptied when it worked. */
  clears?: boolean;
  children: ReactNode;
}

export function Form({ button, kind = "plain", onSubmit, done, clears = false, children }: FormProps) {
  const [state, setState] = useState<{ busy: boolean; wrong?: string | undefined; ok?: boolean }>({ busy: false });
  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    setState({ busy: true });
    const wrong = await onSubmit(new FormData(form));
    setState({ busy: false, wrong, ok: wrong === undefined });
    if (wrong === undefined && clears) form.reset();
  }
  return (
    <form onSubmit={(e) => void submit(e)} className="flex flex-col gap-3">
      {state.wrong && <Notice>{state.wrong}</Notice>}
      {children}
      <p className="flex flex-wrap items-center gap-3">
        <Button kind={kind} type="submit" disabled={state.busy}>
          {button}
        </Button>
        <span role="status" className="text-quiet">
          {state.ok && done}
        </span>
      </p>
    </form>
  );
}
