/** Hands on what comes: the first at once, what follows within a moment together, so that a flood is a few pictures. */
const moment = 50; // ms

export class Burst<T> {
  private readonly take: (all: T[]) => void;
  private waiting: T[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(take: (all: T[]) => void) {
    this.take = take;
  }

  add(one: T): void {
    this.waiting.push(one);
    if (this.timer === undefined) this.hand();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting = [];
  }

  private hand(): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.waiting.length > 0) this.hand();
    }, moment);
    const all = this.waiting;
    this.waiting = [];
    this.take(all);
  }
}
