/**
 * A field with suggestions below it (the WAI-ARIA combobox pattern with a list): arrows go through them, Enter takes the
 * marked one or what was typed, Escape first closes the list and then belongs to whoever is around.
 */
import { useId, useState, type InputHTMLAttributes, type KeyboardEvent } from "react";
import { floating, markedId, Options, type Option } from "./options";

type Props = Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value" | "list"> & {
  label: string;
  value: string;
  onType: (value: string) => void;
  options: readonly Option[];
  /** Takes what was chosen, or typed where nothing is marked. */
  onTake: (value: string) => void;
  /** Whether the suggestions stand in the page instead of floating over it. */
  inline?: boolean;
  /** Whether the first suggestion is marked from the start, so that Enter takes it. */
  eager?: boolean;
  listClass?: string;
};

export function Combo({ label, value, onType, options, onTake, inline = false, eager = false, listClass = "", ...rest }: Props) {
  const id = useId();
  const none = eager ? 0 : -1;
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(none);
  const shown = open || inline ? options : [];

  function close() {
    setOpen(false);
    setAt(none);
  }

  function take(taken: string) {
    close();
    onTake(taken);
  }

  function key(event: KeyboardEvent<HTMLInputElement>) {
    rest.onKeyDown?.(event);
    if (event.defaultPrevented || event.nativeEvent.isComposing) return;
    const marked = shown[at];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const by = event.key === "ArrowDown" ? 1 : -1;
      const places = options.length - none; // where nothing may be marked, the field itself is a place
      setAt((was) => ((was - none + by + places) % places) + none);
    } else if (event.key === "Enter" && (marked || value.trim())) {
      event.preventDefault();
      take(marked?.value ?? value);
    } else if (event.key === "Escape" && open && shown.length > 0 && !inline) {
      event.preventDefault();
      close();
    }
  }

  return (
    <div className="relative min-w-0 flex-1">
      <input
        autoComplete="off"
        {...rest}
        role="combobox"
        aria-label={label}
        aria-autocomplete="list"
        aria-expanded={shown.length > 0}
        aria-controls={id}
        aria-activedescendant={markedId(id, shown, at)}
        value={value}
        onChange={(e) => {
          onType(e.target.value);
          setOpen(true);
          setAt(none);
        }}
        onFocus={(e) => {
          rest.onFocus?.(e);
          setOpen(true);
        }}
        onBlur={(e) => {
          rest.onBlur?.(e);
          close();
        }}
        onKeyDown={key}
      />
      <Options id={id} options={shown} at={at} onTake={take} className={inline ? listClass : `${floating} inset-x-0 ${listClass}`} />
    </div>
  );
}
