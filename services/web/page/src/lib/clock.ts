/**
 * The time. A computer whose clock is wrong still shows the right day and says the right "in two hours": the services'
 * clock is known from each new token, and a difference beyond what a network explains is made up for.
 */
const tolerance = 30_000; // ms

let skew = 0;

/** Tells what time a service had just now, in milliseconds since 1970. */
export function tellClock(theirs: number): void {
  const by = theirs - Date.now();
  skew = Math.abs(by) > tolerance ? by : 0;
}

/** Milliseconds since 1970, by the services' clock. */
export const now = (): number => Date.now() + skew;
