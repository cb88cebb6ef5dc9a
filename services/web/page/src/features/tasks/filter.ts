/** Which tasks a list shows. The address carries it in the words of the API, so that a list can be linked to. */
import type { Priority } from "~/lib/api";

export const statuses = ["pending", "completed", "all", "deleted"] as const;
export const dues = ["overdue", "today", "week"] as const;
export const priorities = ["critical", "high", "normal", "low"] as const satisfies readonly Priority[];
export const sorts = ["due", "priority", "created", "updated", "title"] as const;

export interface Filter {
  status?: (typeof statuses)[number];
  due?: (typeof dues)[number];
  tag?: string[];
  priority?: Priority[];
  q?: string;
  sort?: (typeof sorts)[number];
  order?: "asc" | "desc";
}

const oneOf = <T extends string>(known: readonly T[], value: unknown): T | undefined => known.find((k) => k === value);
const many = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((v): v is string => typeof v === "string" && v !== "");

/** Reads the filter of an address. What is not understood is left out, as an old link should still open. */
export function parseFilter(search: Record<string, unknown>): Filter {
  const status = oneOf(statuses, search["status"]);
  const due = oneOf(dues, search["due"]);
  const tag = many(search["tag"]);
  const priority = many(search["priority"]).flatMap((p) => oneOf(priorities, p) ?? []);
  const q = typeof search["q"] === "string" ? search["q"].slice(0, 200) : "";
  const sort = oneOf(sorts, search["sort"]);
  const order = oneOf(["asc", "desc"] as const, search["order"]);
  return {
    ...(status && { status }),
    ...(due && { due }),
    ...(tag.length > 0 && { tag }),
    ...(priority.length > 0 && { priority }),
    ...(q && { q }),
    ...(sort && { sort }),
    ...(order && { order }),
  };
}

export type ViewName = "inbox" | "today" | "upcoming" | "overdue" | "done" | "all" | "trash";

/** What the list is called: the place in the sidebar that the filter stands for. */
export function viewName(filter: Filter): ViewName {
  if (filter.status === "deleted") return "trash";
  if (filter.due === "today") return "today";
  if (filter.due === "week") return "upcoming";
  if (filter.due === "overdue") return "overdue";
  if (filter.status === "completed") return "done";
  if (filter.status === "all") return "all";
  return "inbox";
}

/** The lists of the sidebar, as the filters they are. */
export const views: Record<ViewName, Filter> = {
  inbox: {},
  today: { due: "today" },
  upcoming: { due: "week" },
  overdue: { due: "overdue" },
  done: { status: "completed" },
  all: { status: "all" },
  trash: { status: "deleted" },
};

/** Whether something beyond the view narrows the list. */
export const isNarrowed = (filter: Filter): boolean => !!(filter.q || filter.tag || filter.priority);
