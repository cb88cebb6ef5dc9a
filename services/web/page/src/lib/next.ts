/**
 * Where to go after signing in. Only a path of this very page is followed: `//evil.example`, `/\evil.example` and
 * `https:…` would leave it, and a page about signing in would go in circles. `/oauth/…` is the consent page of an
 * agent's client, which the service answers itself.
 */
export function safeNext(next: unknown, fallback = "/tasks"): string {
  if (typeof next !== "string" || !next.startsWith("/") || next.startsWith("//")) return fallback;
  if ([...next].some((c) => c === "\\" || c.charCodeAt(0) < 0x20)) return fallback; // browsers read \ as /, and drop tabs and line ends
  const here = "https://here.invalid";
  let url: URL;
  try {
    url = new URL(next, here);
  } catch {
    return fallback;
  }
  if (url.origin !== here || url.pathname.startsWith("//")) return fallback;
  if (/^\/(signin|signup|forgot|reset-password)?$/.test(url.pathname)) return fallback;
  if (/^\/(api|ws|mcp)(\/|$)/.test(url.pathname)) return fallback;
  return url.pathname + url.search + url.hash;
}

/** Whether a path is answered by a service rather than by the page's own router. */
export const isService = (path: string): boolean => path.startsWith("/oauth/");
