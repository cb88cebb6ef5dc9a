/** What the page reads of a token. It judges none: that is for the services that take it. */
export interface Claims {
  sub: string;
  exp: number;
  time_zone?: string;
}

export function claimsOf(token: string): Claims {
  const part = token.split(".")[1] ?? "";
  const bytes = Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Claims;
}

/** Whether a token should be replaced before it is used: less than a minute is left. */
export const isStale = (exp: number, now = Date.now()): boolean => exp * 1000 - now < 60_000;
