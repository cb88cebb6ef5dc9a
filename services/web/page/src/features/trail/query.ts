import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { usePerson } from "~/features/account/person";
import { useSnapshot } from "~/features/tasks/context";
import { api, take } from "~/lib/api";

/** The trail of one task or of everything, newest first, page by page. It follows the feed: a change here asks anew. */
export function useTrail(taskId?: string) {
  const { id: user } = usePerson();
  const cursor = useSnapshot((s) => s.replica.cursor);
  const query = useInfiniteQuery({
    queryKey: ["trail", user, taskId ?? "all"],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET("/api/{user_id}/audit-logs", {
          params: {
            path: { user_id: user },
            query: { ...(taskId && { task_id: taskId }), ...(pageParam && { cursor: pageParam }), limit: 50 },
          },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next_cursor,
  });
  const { refetch } = query;
  useEffect(() => {
    // The trail is written a moment after the feed has told of a change.
    const timer = setTimeout(() => void refetch(), 400);
    return () => clearTimeout(timer);
  }, [cursor, refetch]);
  return query;
}
