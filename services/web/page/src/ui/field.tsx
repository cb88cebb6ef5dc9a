/** A labelled field of a form: its hint and its error belong to it for those who listen, too. */
import { useId, useState, type InputHTMLAttributes, type Ref } from "react";
import { text } from "~/text/en";

type Props = InputHTMLAttributes<HTMLInputElement> & {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  ref?: Ref<HTMLInputElement>;
};

export const inputShape =
  "w-full min-h-row rounded-control border border-mark px-3 text-ink aria-invalid:border-overdue max-sm:min-h-touch";
export const inputClass = `${inputShape} bg-raised`;

export function Field({ label, hint, error, id, ref, ...rest }: Props) {
  const made = useId();
  const own = id ?? made;
  const described = [hint && own + "-hint", error && own + "-error"].filter(Boolean).join(" ");
  return (
    <div className="flex w-full max-w-form flex-col gap-1">
      <label htmlFor={own} className="font-strong">
        {label}
      </label>
      <input
        ref={ref}
        id={own}
        className={inputClass}
        aria-invalid={error ? true : undefined}
        aria-describedby={described || undefined}
        {...rest}
      />
      {hint && (
        <p id={own + "-hint"} className="text-meta text-quiet">
          {hint}
        </p>
      )}
      {error && (
        <p id={own + "-error"} className="text-meta text-overdue">
          {error}
        </p>
      )}
    </div>
  );
}

/** A password that can be looked at while it is typed. */
export function PasswordField(props: Omit<Props, "type">) {
  const [seen, setSeen] = useState(false);
  return (
    <div className="flex flex-col gap-1">
      <Field {...props} type={seen ? "text" : "password"} autoCapitalize="none" spellCheck={false} />
      <label className="inline-flex min-h-6 items-center gap-2 self-start text-meta text-quiet">
        <input type="checkbox" checked={seen} onChange={(e) => setSeen(e.target.checked)} className="size-4 accent-accent" />
        {text.auth.show}
      </label>
    </div>
  );
}
