/**
 * What is being typed, kept for this tab until it is saved or thrown away: a session that ends in the middle of a
 * sentence, a reload or a crash loses none of it.
 */
import { useEffect, useState } from "react";

const prefix = "tickler.draft/";

function read(key: string): string | null {
  try {
    return sessionStorage.getItem(prefix + key);
  } catch {
    return null; // no storage allowed: then a draft lives as long as its field
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value) sessionStorage.setItem(prefix + key, value);
    else sessionStorage.removeItem(prefix + key);
  } catch {
    // no storage, or it is full
  }
}

/** As useState, for what somebody types; null is nothing typed. `key` names the field, with the person in it. */
export function useDraft(key: string): [string | null, (value: string | null) => void] {
  const [value, setValue] = useState(() => read(key));
  useEffect(() => write(key, value), [key, value]);
  return [value, setValue];
}

/** Forgets every draft: at sign-out. */
export function forgetDrafts(): void {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key);
  } catch {
    // nothing was kept
  }
}
