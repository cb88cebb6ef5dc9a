/** The next dates of a rule, as the service counts them: shown before a rule is kept. */
import { queryOptions } from "@tanstack/react-query";
import { api, take, type TaskPatch } from "~/lib/api";

export type NewRule = NonNullable<TaskPatch["recurrence_rule"]>;

const shownDates = 5;

export interface PreviewOf {
  user: string;
  rule: NewRule;
  due: string;
  zone: string | null;
}

export const previewQuestion = ({ user, rule, due, zone }: PreviewOf) =>
  queryOptions({
    queryKey: ["preview", user, rule, due, zone],
    retry: false,
    staleTime: Infinity,
    queryFn: () =>
      take(
        api.POST("/api/{user_id}/recurrence/preview", {
          params: { path: { user_id: user } },
          body: { recurrence_rule: rule, due_date: due, ...(zone && { time_zone: zone }), count: shownDates },
        }),
      ),
  });
