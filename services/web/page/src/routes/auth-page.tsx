/** The frame of the pages about signing in, and what they share: going on as soon as there is a session. */
import { Link, useRouter } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { authClient } from "~/lib/auth";
import { isService, safeNext } from "~/lib/next";
import { useTitle } from "~/ui/title";
import { text } from "~/text/en";

export function AuthPage({ title, children }: { title: string; children: ReactNode }) {
  useTitle(title);
  return (
    <main id="main" className="mx-auto flex min-h-dvh w-full max-w-form flex-col justify-center gap-6 p-4">
      <Link to="/" className="self-start font-head text-quiet hover:text-ink">
        {text.name}
      </Link>
      <h1 className="text-title font-head">{title}</h1>
      {children}
    </main>
  );
}

/**
 * Goes on once the session is there, and not before: right after signing in the client's session still says nobody, and
 * a page that needs one would send straight back here.
 */
export function useGoOn(next: string | undefined): void {
  const { data } = authClient.useSession();
  const router = useRouter();
  const signedIn = data !== null && data !== undefined;
  useEffect(() => {
    if (!signedIn) return;
    const to = safeNext(next);
    if (isService(to)) window.location.assign(to);
    else router.history.replace(to);
  }, [signedIn, next, router]);
}
