import { useQuery } from "@tanstack/react-query";
import { api, take } from "~/lib/api";
import { usePerson } from "./person";

export const settingsKey = (person: string) => ["settings", person];

/** What the person has set of time: the zone, and the day on which a week begins. */
export function useSettings() {
  const { id } = usePerson();
  return useQuery({
    queryKey: settingsKey(id),
    staleTime: 60_000,
    queryFn: () => take(api.GET("/api/{user_id}/settings", { params: { path: { user_id: id } } })),
  });
}
