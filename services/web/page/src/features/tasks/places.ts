/** Where each row of a list stands, headings among them, without an object for each. */
import type { Group } from "./select";

export interface Place {
  /** Which group, counted from 0. */
  group: number;
  /** Which of its tasks; -1 is its heading. */
  at: number;
  /** Which of all tasks, counted from 1; 0 for a heading. */
  nth: number;
}

export class Places {
  private readonly groups: readonly Group[];
  /** How many stand there, tasks and headings. */
  readonly count: number;
  /** How many tasks. */
  readonly rows: number;

  constructor(groups: readonly Group[]) {
    this.groups = groups;
    this.rows = groups.reduce((n, g) => n + g.tasks.length, 0);
    this.count = this.rows + groups.filter((g) => g.label !== null).length;
  }

  /** The ids from top to bottom. */
  ids(): string[] {
    return this.groups.flatMap((g) => g.tasks.map((t) => t.id));
  }

  /** What stands at a place counted from 0; null beyond the end. */
  at(index: number): Place | null {
    let left = index;
    let before = 0;
    for (const [group, { label, tasks }] of this.groups.entries()) {
      const heading = label === null ? 0 : 1;
      if (left < heading) return { group, at: -1, nth: 0 };
      left -= heading;
      if (left < tasks.length) return { group, at: left, nth: before + left + 1 };
      left -= tasks.length;
      before += tasks.length;
    }
    return null;
  }

  /** What a row is called for as long as it is shown: its task's name, or its group's. */
  key(index: number, name: (id: string) => string): string {
    const place = this.at(index);
    const group = place && this.groups[place.group];
    const task = group?.tasks[place?.at ?? -1];
    return task ? name(task.id) : `group-${group?.key ?? index}`;
  }

  /** Whether the rows of these groups stand where these do. */
  are(groups: readonly Group[]): boolean {
    return groups.length === this.groups.length && groups.every((group, i) => isLike(group, this.groups[i] as Group));
  }
}

function isLike(a: Group, b: Group): boolean {
  if (a === b || (a.key === b.key && a.label === b.label && a.tasks === b.tasks)) return true;
  if (a.key !== b.key || a.label !== b.label || a.tasks.length !== b.tasks.length) return false;
  return a.tasks.every((task, i) => task.id === b.tasks[i]?.id);
}
