/** The bar at the thumb, on anything narrower than a desktop; the drawer holds what does not fit. */
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useSignOut } from "~/features/account/sign-out";
import { text } from "~/text/en";
import { Icon } from "~/ui/icon";
import { IconButton } from "~/ui/button";
import { FeedLine, useFeedWords } from "./feed-line";
import { Lists } from "./sidebar";

const item = "flex min-h-touch flex-1 flex-col items-center justify-center text-meta";
const active = { className: "text-accent font-strong", "aria-current": "page" } as const;
const inactive = { className: "text-quiet" };

export function PhoneBar() {
  const [open, setOpen] = useState(false);
  const { state, words } = useFeedWords();
  return (
    <div data-feed={state} className="at-thumb no-print fixed inset-x-0 bottom-0 z-30 border-t border-line bg-raised">
      {state !== "live" && state !== "connecting" && (
        <p role="status" className="border-b border-line px-4 py-1 text-meta text-quiet">
          {words}
        </p>
      )}
      <nav aria-label={text.nav.bar} className="mx-auto flex max-w-list">
        <Link
          to="/tasks"
          search={{ due: "today" }}
          className={item}
          activeOptions={{ includeSearch: true }}
          activeProps={active}
          inactiveProps={inactive}
        >
          <Icon name="today" />
          {text.nav.today}
        </Link>
        <Link
          to="/tasks"
          search={{}}
          className={item}
          activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
          activeProps={active}
          inactiveProps={inactive}
        >
          <Icon name="inbox" />
          {text.nav.inbox}
        </Link>
        <Link to="/chat" className={item} activeProps={active} inactiveProps={inactive}>
          <Icon name="chat" />
          {text.nav.chat}
        </Link>
        <button type="button" className={`${item} text-quiet`} aria-haspopup="dialog" onClick={() => setOpen(true)}>
          <Icon name="menu" />
          {text.nav.more}
        </button>
      </nav>
      {open && <Drawer onClose={() => setOpen(false)} />}
    </div>
  );
}

function Drawer({ onClose }: { onClose: () => void }) {
  const drawer = useRef<HTMLDialogElement>(null);
  const signOut = useSignOut();
  useEffect(() => drawer.current?.showModal(), []);
  const close = () => drawer.current?.close();
  return (
    <dialog
      ref={drawer}
      onClose={onClose}
      aria-label={text.nav.label}
      className="m-0 mt-auto max-h-dvh w-full max-w-full rounded-panel border border-line bg-raised p-4 text-ink shadow-float backdrop:bg-veil"
    >
      <div className="flex flex-col gap-3">
        <div className="flex items-center justify-between">
          <FeedLine />
          <IconButton icon="close" label={text.nav.close} onClick={close} />
        </div>
        <Lists onGo={close} />
        <button
          type="button"
          onClick={() => void signOut()}
          className="flex min-h-touch items-center gap-3 rounded-control border-t border-line px-2"
        >
          <Icon name="out" />
          {text.nav.signOut}
        </button>
      </div>
    </dialog>
  );
}
