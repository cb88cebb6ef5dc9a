/** The conversations that the service keeps. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { usePerson } from "~/features/account/person";
import { api, take } from "~/lib/api";
import type { ChatMessage } from "./transport";

export function useConversations() {
  const { id: user } = usePerson();
  return useQuery({
    queryKey: ["conversations", user],
    queryFn: ({ signal }) =>
      take(api.GET("/api/{user_id}/conversations", { params: { path: { user_id: user }, query: { limit: 50 } }, signal })),
  });
}

/** What was said so far, as the chat client takes it. Read once: from then on the client itself knows best. */
export function useHistory(id: string | null) {
  const { id: user } = usePerson();
  return useQuery({
    queryKey: ["conversation", user, id],
    enabled: id !== null,
    retry: false,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    queryFn: async ({ signal }) => {
      const kept = await take(api.GET("/api/{user_id}/conversations/{id}", { params: { path: { user_id: user, id: id ?? "" } }, signal }));
      return kept.messages.map(({ id, role, parts }) => ({ id, role, parts }) as ChatMessage);
    },
  });
}

export function useConversationDeeds() {
  const { id: user } = usePerson();
  const queries = useQueryClient();
  const onSuccess = () => queries.invalidateQueries({ queryKey: ["conversations", user] });
  const rename = useMutation({
    mutationFn: ({ id, title }: { id: string; title: string }) =>
      take(api.PATCH("/api/{user_id}/conversations/{id}", { params: { path: { user_id: user, id } }, body: { title } })),
    onSuccess,
  });
  const remove = useMutation({
    mutationFn: (id: string) => take(api.DELETE("/api/{user_id}/conversations/{id}", { params: { path: { user_id: user, id } } })),
    onSuccess,
  });
  return { rename, remove, refresh: onSuccess };
}
