/** Who is signed in. The last one is remembered, so that the page opens without a network too. */
import { createContext, use, useEffect, useMemo } from "react";
import { authClient, tokenZone } from "~/lib/auth";
import { browserZone } from "~/lib/time";

export interface Person {
  id: string;
  name: string;
  email: string;
  timeZone: string;
}

const PersonContext = createContext<Person | null>(null);
export const PersonProvider = PersonContext;

/** The person of a page that needs one: the shell shows such a page only when there is. */
export function usePerson(): Person {
  const person = use(PersonContext);
  if (!person) throw new Error("usePerson outside of the shell");
  return person;
}

const key = "tickler.person";

export type Session =
  | { state: "asking" }
  | { state: "none" } // signed out
  | { state: "here"; person: Person }; // signed in, or was when the network went away

/** The session as the page needs it. An error is no answer: then the one who was here last is still here. */
export function usePersonSession(): Session {
  const { data, isPending, error } = authClient.useSession();
  const session = useMemo((): Session => {
    if (data) return { state: "here", person: personOf(data.user) };
    if (isPending) return { state: "asking" };
    const last = error ? remembered() : null;
    return last ? { state: "here", person: last } : { state: "none" };
  }, [data, isPending, error]);
  useEffect(() => {
    if (session.state === "here") remember(session.person);
    if (session.state === "none" && !error) forgetPerson();
  }, [session, error]);
  return session;
}

function personOf(user: { id: string; name: string; email: string; timeZone?: string | null }): Person {
  return { id: user.id, name: user.name, email: user.email, timeZone: user.timeZone ?? tokenZone() ?? browserZone() };
}

let kept = "";

function remember(person: Person): void {
  const written = JSON.stringify(person);
  if (written === kept) return;
  kept = written;
  try {
    localStorage.setItem(key, written);
  } catch {
    // No storage allowed: then the page needs the network to open.
  }
}

function remembered(): Person | null {
  try {
    const read = localStorage.getItem(key);
    return read ? (JSON.parse(read) as Person) : null;
  } catch {
    return null;
  }
}

/** Forgets who was here, at sign-out. */
export function forgetPerson(): void {
  kept = "";
  try {
    localStorage.removeItem(key);
  } catch {
    // nothing was kept
  }
}
