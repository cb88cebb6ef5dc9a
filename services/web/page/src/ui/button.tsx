/** Buttons: one that leads, one that stands back, and one that is only an icon with a name. */
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Icon, type IconName } from "./icon";

type Props = ButtonHTMLAttributes<HTMLButtonElement> & { kind?: "main" | "plain" | "danger"; children: ReactNode };

const base =
  "inline-flex min-h-row items-center justify-center gap-2 rounded-control px-4 font-strong transition-opacity duration-120 disabled:opacity-60 max-sm:min-h-touch";
export const buttonKinds = {
  main: "bg-accent text-on-accent",
  plain: "border border-mark bg-raised text-ink hover:bg-hover",
  danger: "border border-overdue bg-raised text-overdue hover:bg-hover",
};

export const buttonClass = (kind: keyof typeof buttonKinds): string => `${base} ${buttonKinds[kind]}`;

export function Button({ kind = "plain", type = "button", className = "", ...rest }: Props) {
  return <button type={type} className={`${buttonClass(kind)} ${className || "shrink-0"}`} {...rest} />;
}

/** A button that is only a picture; `label` is its name and its hover. */
export function IconButton({
  icon,
  label,
  className = "",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { icon: IconName; label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-flex size-8 items-center justify-center rounded-control text-quiet hover:bg-hover hover:text-ink max-sm:size-touch ${className}`}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
