/** Who is signed in. The last one is remembered, so that the page opens without a network too. */
import { createContext, use, useEffect, useMemo } from "react";
import { authClient, isLeaving, tokenZone } from "~/lib/auth";
import { peek } from "~/lib/head-start";
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
  /** Signed in, or was at the last visit: `sure` once that was asked, or nobody could tell. */
  | { state: "here"; person: Person; sure: boolean };

/**
 * The session as the page needs it. Until there is an answer, and an error is none, the one who was here last is still
 * here: so the page opens at once, and without a network too.
 */
export function usePersonSession(): Session {
  const { data, isPending, error } = authClient.useSession();
  const session = useMemo((): Session => {
    if (data) return { state: "here", person: same(personOf(data.user)), sure: true };
    const last = isPending || error ? (here ?? remembered()) : null;
    if (last) return { state: "here", person: same(last), sure: !isPending };
    return { state: isPending ? "asking" : "none" };
  }, [data, isPending, error]);
  useEffect(() => {
    if (session.state === "here" && session.sure && !isLeaving()) remember(session.person);
    if (session.state === "none" && !error) forgetPerson();
  }, [session, error]);
  return session;
}

/** Before anything is drawn: waits a moment for who is here, where nobody is remembered, so that the first picture is theirs. */
export async function expectPerson(): Promise<void> {
  if (remembered()) return;
  const session = (await peek("/api/auth/get-session", patience)) as { user?: User } | null;
  if (session?.user) here = personOf(session.user);
}

const patience = 200; // ms: until then nothing would be shown for one who waits

interface User {
  id: string;
  name: string;
  email: string;
  timeZone?: string | null;
}

function personOf(user: User): Person {
  return { id: user.id, name: user.name, email: user.email, timeZone: user.timeZone ?? tokenZone() ?? browserZone() };
}

let here: Person | null = null; // for this page, also where nothing may be stored
let last: Person | null = null;

/** The same object for the same person: an answer that says what was known draws nothing anew. */
function same(person: Person): Person {
  if (!last || JSON.stringify(last) !== JSON.stringify(person)) last = person;
  return last;
}

let kept = "";

function remember(person: Person): void {
  here = person;
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
  here = null;
  kept = "";
  try {
    localStorage.removeItem(key);
  } catch {
    // nothing was kept
  }
}
