/** What the page reads of a token. It judges none: that is for the services that take it. */
export interface Claims {
  sub: string;
  exp: number;
  iat?: number;
  time_zone?: string;
}

export function claimsOf(token: string): Claims {
  const part = token.split(".")[1] ?? "";
  const bytes = Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Claims;
}

/** When a token that came just now ends, by this computer's clock, which may be wrong: what counts is how long it lives. */
export const endOf = ({ exp, iat }: Claims, now = Date.now()): number => (iat === undefined ? exp * 1000 : now + (exp - iat) * 1000);

/** Whether a token should be replaced before it is used: less than a minute is left. */
export const isStale = (end: number, now = Date.now()): boolean => end - now < 60_000;
