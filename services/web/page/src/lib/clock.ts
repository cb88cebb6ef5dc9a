/**
 * The time. A computer whose clock is wrong still shows the right day and says the right "in two hours": the services'
 * clock is known from each new token, and a difference beyond what a network explains is made up for.
 */
const tolerance = 30_000; // ms
const step = 30_000; // ms

let skew = 0;

/** Tells what time a service had just now, in milliseconds since 1970. */
export function tellClock(theirs: number): void {
  const by = theirs - Date.now();
  const had = skew;
  skew = Math.abs(by) > tolerance ? by : 0;
  if (Math.abs(skew - had) > tolerance) tick();
}

/** Milliseconds since 1970, by the services' clock. */
export const now = (): number => Date.now() + skew;

let at = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  at = now();
  for (const listener of listeners) listener();
}

/** The time in steps of half a minute, the same for all who look at it. */
export const halfMinute = {
  read: (): number => (at ||= now()),
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    timer ??= setInterval(tick, step);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      clearInterval(timer);
      timer = undefined;
      at = 0; // whoever looks next sees the time of then
    };
  },
};
