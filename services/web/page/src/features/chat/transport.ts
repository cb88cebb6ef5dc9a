/** How a turn goes to the chat service: it keeps the history, so only the new message is sent (wire-chat.md). */
import { DefaultChatTransport, type UIMessage } from "ai";
import { fetchAsPerson, type Task } from "~/lib/api";
import { Problem } from "~/lib/problem";

export interface Metadata {
  conversation_id?: string;
}
export type ChatMessage = UIMessage<Metadata, { task: Task }>;

const textOf = (message: ChatMessage | undefined): string => (message?.parts ?? []).map((p) => (p.type === "text" ? p.text : "")).join("");

/** The conversation that messages belong to, once the service has named it. */
export const conversationOf = (messages: readonly ChatMessage[]): string | undefined =>
  messages.findLast((m) => m.metadata?.conversation_id)?.metadata?.conversation_id;

export function transportFor(user: string, known: string | null): DefaultChatTransport<ChatMessage> {
  const base = `/api/${encodeURIComponent(user)}`;
  // Whether the service has the last message. One that it refused is sent again, not answered again.
  let taken = true;
  return new DefaultChatTransport<ChatMessage>({
    api: `${base}/chat`,
    fetch: (async (url: string, init: RequestInit) => {
      const posts = init.method === "POST";
      if (posts) taken = false;
      const answer = await fetchAsPerson(url, init);
      if (posts) taken = answer.ok;
      return answer;
    }) as typeof fetch,
    credentials: "omit",
    prepareSendMessagesRequest: ({ messages, trigger }) => {
      const id = conversationOf(messages) ?? known;
      const message = textOf(messages.findLast((m) => m.role === "user"));
      return {
        body: {
          ...(id && { conversation_id: id }),
          ...(trigger === "regenerate-message" && id && taken ? { trigger } : { message }),
        },
      };
    },
    prepareReconnectToStreamRequest: () => ({ api: `${base}/conversations/${known ?? ""}/stream` }),
  });
}

/** Ends the turn that runs in a conversation: it goes on when its reader alone goes away. */
export async function stopTurn(user: string, id: string): Promise<void> {
  await fetchAsPerson(`/api/${encodeURIComponent(user)}/conversations/${id}/stop`, { method: "POST" });
}

/** The problem behind an error of a turn: the client hands over the body of the answer as the error's message. */
export function problemBehind(error: Error): Error {
  try {
    const body: unknown = JSON.parse(error.message);
    if (body && typeof body === "object" && "status" in body)
      return new Problem(Number(body.status), { ...body, status: Number(body.status) });
  } catch {
    // not a problem's body: the error is what it says
  }
  return error;
}
