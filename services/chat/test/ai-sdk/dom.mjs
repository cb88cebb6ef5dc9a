// A document for React, and the transport as the page has it: the service keeps the history.
import { Window } from "happy-dom";

export const base = process.env.CHAT_URL;
export const user = process.env.CHAT_USER;
const token = process.env.CHAT_TOKEN;

export const window = new Window({ url: base });
for (const name of ["window", "document", "navigator", "HTMLElement", "HTMLIFrameElement", "Node"]) {
  Object.defineProperty(globalThis, name, { value: name === "window" ? window : window[name], configurable: true, writable: true });
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const { DefaultChatTransport } = await import("ai");

// ask is fetch as the person.
export const ask = (path, init = {}) =>
  fetch(path.startsWith("http") ? path : `${base}/api/${user}/${path}`, {
    ...init,
    headers: { ...Object.fromEntries(new Headers(init.headers)), authorization: `Bearer ${token}` },
  });

export function transport(conversation) {
  let known = conversation;
  return new DefaultChatTransport({
    api: `${base}/api/${user}/chat`,
    fetch: async (url, init) => {
      const answer = await ask(String(url), init);
      known = answer.headers.get("x-conversation-id") ?? known;
      return answer;
    },
    prepareSendMessagesRequest: ({ messages, trigger }) => {
      const words = messages.findLast((m) => m.role === "user").parts.map((p) => p.text).join("");
      return { body: { ...(known && { conversation_id: known }), ...(trigger === "regenerate-message" ? { trigger } : { message: words }) } };
    },
    prepareReconnectToStreamRequest: () => ({ api: `${base}/api/${user}/conversations/${known}/stream` }),
  });
}
