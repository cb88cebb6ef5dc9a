/** Answers to what `public/start.js` has asked before any of this was here. */
declare global {
  interface Window {
    ticklerAsked?: Partial<Record<string, Promise<Response | null>>>;
  }
}

/** The answer to an early question, once; null where none was asked or nobody answered. */
export async function early(path: string): Promise<Response | null> {
  const answer = globalThis.window?.ticklerAsked?.[path];
  if (!answer) return null;
  delete window.ticklerAsked?.[path];
  return answer;
}

/** The body of an answer to an early question, which stays to be taken; null where there is none after so many milliseconds. */
export async function peek(path: string, patience: number): Promise<unknown> {
  const asked = window.ticklerAsked?.[path]?.then((answer): unknown => (answer?.ok ? answer.clone().json() : null));
  return Promise.race([asked ?? null, new Promise((late) => setTimeout(late, patience, null))]);
}
