/** The frame of every page that needs a session: the guard, the sidebar, the feed's state, the phone's bar. */
import { Outlet, useRouter } from "@tanstack/react-router";
import { useCallback, useEffect, useRef } from "react";
import { PersonProvider, usePersonSession } from "~/features/account/person";
import { TasksProvider } from "~/features/tasks/context";
import { DeedsProvider } from "~/features/tasks/deeds";
import { PickProvider } from "~/features/tasks/pick";
import { authClient, dropToken, isLeaving } from "~/lib/auth";
import { text } from "~/text/en";
import { desktop, useMedia } from "~/ui/media";
import { Shapes } from "~/ui/notice";
import { GlobalKeys } from "./keys";
import { PhoneBar } from "./phone-bar";
import { Sidebar } from "./sidebar";
import { SaysProvider } from "./says";

export function Shell() {
  const session = usePersonSession();
  const router = useRouter();
  const wide = useMedia(desktop);
  const gone = session.state === "none";
  const wasHere = useRef(false);
  useEffect(() => {
    if (!gone) wasHere.current ||= session.state === "here";
    if (!gone || isLeaving()) return;
    dropToken();
    // Read when it happens: while the way leads to sign-in, the router's own place has moved on already.
    const search = { next: router.latestLocation.href, ...(wasHere.current && { ended: "1" }) };
    void router.navigate({ to: "/signin", search, replace: true });
  }, [gone, session.state, router]);
  // The cookie is over, whatever the client remembers: ask it again, and the guard below does the rest.
  const signedOut = useCallback(() => authClient.$store.notify("$sessionSignal"), []);

  if (session.state !== "here") return <Shapes label={text.tasks.loading} />;
  return (
    <PersonProvider value={session.person}>
      <SaysProvider key={session.person.id}>
        <TasksProvider onSignedOut={signedOut}>
          <DeedsProvider>
            <PickProvider>
              <a href="#main" className="sr-only z-50 rounded-control bg-raised p-3 focus:not-sr-only focus:fixed">
                {text.skip}
              </a>
              <div className="mx-auto flex min-h-dvh w-full">
                {wide && <Sidebar />}
                <div className="min-w-0 flex-1 pb-12 max-sm:pb-touch lg:pb-0">
                  <Outlet />
                </div>
              </div>
              {!wide && <PhoneBar />}
              <GlobalKeys />
            </PickProvider>
          </DeedsProvider>
        </TasksProvider>
      </SaysProvider>
    </PersonProvider>
  );
}
