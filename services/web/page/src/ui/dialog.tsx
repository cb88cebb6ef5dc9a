/** A dialog of the browser's own: it keeps the keyboard inside, closes on Escape, and gives the focus back. */
import { useEffect, useRef, type ReactNode } from "react";
import { text } from "~/text/en";
import { IconButton } from "./button";
import { touch } from "./media";

interface FrameProps {
  label: string;
  onClose: () => void;
  className?: string;
  children: ReactNode;
}

/** The bare dialog: a name, and whatever is in it. */
export function Frame({ label, onClose, className = "", children }: FrameProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const el = dialog.current;
    const from = document.activeElement;
    el?.showModal();
    if (!window.matchMedia(touch).matches) el?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      el?.close();
      if (from instanceof HTMLElement && from.isConnected) from.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onCancel={(e) => {
        e.preventDefault();
        onClose();
      }}
      className={`m-auto max-w-[calc(100%-2rem)] rounded-panel border border-line bg-raised p-0 text-ink shadow-float backdrop:bg-veil ${className}`}
    >
      {children}
    </dialog>
  );
}

interface DialogProps {
  title: string;
  onClose: () => void;
  /** For a choice rather than a page. */
  narrow?: boolean;
  children: ReactNode;
}

export function Dialog({ title, onClose, narrow = false, children }: DialogProps) {
  return (
    <Frame label={title} onClose={onClose} className={narrow ? "w-form sheet" : "w-list"}>
      <div className="flex max-h-[calc(100dvh-2rem)] flex-col gap-4 overflow-y-auto p-4">
        <div className="flex items-center justify-between gap-4">
          <h2 className="text-title font-head">{title}</h2>
          <IconButton icon="close" label={text.nav.close} onClick={onClose} />
        </div>
        {children}
      </div>
    </Frame>
  );
}
