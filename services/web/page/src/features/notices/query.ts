/** The notices of a person: what a reminder, an agent or the system left for them to see. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { usePerson } from "~/features/account/person";
import { useLive } from "~/features/tasks/context";
import { api, named, take } from "~/lib/api";
import { uuid7 } from "~/lib/uuid";

const keyOf = (user: string) => ["notices", user];

export function useNotices() {
  const { id: user } = usePerson();
  const live = useLive();
  const queries = useQueryClient();
  useEffect(() => live.onNotice(() => void queries.invalidateQueries({ queryKey: keyOf(user) })), [live, queries, user]);
  return useQuery({
    queryKey: keyOf(user),
    retry: false,
    queryFn: ({ signal }) =>
      take(api.GET("/api/{user_id}/notices", { params: { path: { user_id: user }, query: { limit: 100 } }, signal })),
  });
}

/** Marks one notice as read, or all of them. */
export function useRead() {
  const { id: user } = usePerson();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string | null) => {
      const headers = named(uuid7());
      return id === null
        ? take(api.POST("/api/{user_id}/notices/read", { params: { path: { user_id: user } }, headers }))
        : take(api.POST("/api/{user_id}/notices/{id}/read", { params: { path: { user_id: user, id } }, headers }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: keyOf(user) }),
  });
}
