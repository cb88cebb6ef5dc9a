/** The numbers of the sidebar, which follow the tasks: of those that changed the old is taken off and the new put on. */
import type { Task } from "~/lib/api";
import { dayOf } from "~/lib/time";
import { difference, type Tasks } from "./difference";
import { dueDay } from "./facts";
import { isOverdue, titles, type Now } from "./select";

export interface Counts {
  inbox: number;
  today: number;
  overdue: number;
  tags: { tag: string; open: number }[];
}

/** A tag is one whatever its case; it is shown as it is written most. */
type Spellings = Map<string, number>;

export class Counter {
  private last: { tasks: Tasks; now: Now } | null = null;
  private numbers = { inbox: 0, today: 0, overdue: 0 };
  private tags = new Map<string, Spellings>();
  private counts: Counts = { inbox: 0, today: 0, overdue: 0, tags: [] };
  private today = "";
  private retagged = false;

  /** The numbers of these tasks, the same object as long as they are the same. */
  count(tasks: Tasks, now: Now): Counts {
    const { last } = this;
    if (last?.tasks === tasks && last.now === now) return this.counts;
    const changed = last?.now === now ? difference(last.tasks, tasks) : null;
    if (last && changed) {
      for (const id of changed) {
        this.put(last.tasks.get(id), now, -1);
        this.put(tasks.get(id), now, 1);
      }
    } else this.anew(tasks, now);
    this.last = { tasks, now };
    this.told();
    return this.counts;
  }

  private anew(tasks: Tasks, now: Now): void {
    this.today = dayOf(new Date(now.at), now.zone);
    this.numbers = { inbox: 0, today: 0, overdue: 0 };
    this.tags = new Map();
    this.retagged = true;
    for (const task of tasks.values()) this.put(task, now, 1);
  }

  private put(task: Task | undefined, now: Now, by: 1 | -1): void {
    if (!task || task.completed || task.deleted_at) return;
    this.numbers.inbox += by;
    const day = dueDay(task, now.zone);
    if (day && day <= this.today) this.numbers.today += by;
    if (isOverdue(task, now)) this.numbers.overdue += by;
    for (const tag of task.tags) this.putTag(tag, by);
  }

  private putTag(tag: string, by: 1 | -1): void {
    const key = tag.toLowerCase();
    const spellings = this.tags.get(key) ?? (new Map() as Spellings);
    const open = (spellings.get(tag) ?? 0) + by;
    if (open > 0) spellings.set(tag, open);
    else spellings.delete(tag);
    if (spellings.size > 0) this.tags.set(key, spellings);
    else this.tags.delete(key);
    this.retagged = true;
  }

  private told(): void {
    const { inbox, today, overdue } = this.numbers;
    const was = this.counts;
    const same = was.inbox === inbox && was.today === today && was.overdue === overdue;
    if (same && !this.retagged) return;
    const tags = this.retagged ? [...this.tags.values()].map(shown).sort((a, b) => titles.compare(a.tag, b.tag)) : was.tags;
    this.retagged = false;
    this.counts = { inbox, today, overdue, tags };
  }
}

function shown(spellings: Spellings): { tag: string; open: number } {
  let open = 0;
  let most: [string, number] = ["", 0];
  for (const [tag, n] of spellings) {
    open += n;
    if (n > most[1] || (n === most[1] && tag < most[0])) most = [tag, n];
  }
  return { tag: most[0], open };
}
