/** The list of suggestions below a field that keeps the keyboard. */
import { useEffect, useRef } from "react";
import { text } from "~/text/en";
import { Icon, type IconName } from "./icon";

export interface Option {
  value: string;
  /** What is shown, where that is not the value. */
  label?: string;
  hint?: string;
  icon?: IconName;
}

interface OptionsProps {
  id: string;
  options: readonly Option[];
  /** Which one is marked; -1 for none. */
  at: number;
  onTake: (value: string) => void;
  className?: string;
}

export const floating =
  "absolute top-full z-40 mt-1 max-h-[40dvh] overflow-y-auto rounded-control border border-line bg-raised shadow-float";

/** The id of the marked one, for the field's aria-activedescendant. */
export const markedId = (id: string, options: readonly Option[], at: number): string | undefined =>
  options[at] ? `${id}-${at}` : undefined;

export function Options({ id, options, at, onTake, className = "" }: OptionsProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return (
    <div ref={list} id={id} role="listbox" aria-label={text.suggestions} hidden={options.length === 0} className={`p-1 ${className}`}>
      {options.map((option, i) => (
        // The field keeps the keyboard: the pointer only takes.
        // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
        <div
          key={option.value}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === at}
          onPointerDown={(e) => e.preventDefault()}
          onClick={() => onTake(option.value)}
          className="flex min-h-8 cursor-pointer items-center gap-3 rounded-control px-2 hover:bg-hover aria-selected:bg-accent-soft max-sm:min-h-touch"
        >
          {option.icon && <Icon name={option.icon} small />}
          <span className="min-w-0 flex-1 truncate">{option.label ?? option.value}</span>
          {option.hint && <span className="figures shrink-0 text-meta text-quiet">{option.hint}</span>}
        </div>
      ))}
    </div>
  );
}
