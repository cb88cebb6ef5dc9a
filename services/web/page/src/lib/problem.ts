/** What can go wrong with a call, in one shape for every service. */
import { text } from "~/text/en";

export interface FieldError {
  field: string;
  code: string;
  detail: string;
}

interface ProblemBody {
  status?: number;
  code?: string;
  title?: string;
  detail?: string;
  message?: string;
  errors?: FieldError[];
  current?: unknown;
  request_id?: string;
}

/** An answer that is not the wanted one (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: FieldError[];
  readonly retryAfter: number | null;
  readonly current: unknown;

  constructor(status: number, body: ProblemBody, retryAfter: number | null = null) {
    super(body.detail || body.message || body.title || text.problem.unknown);
    this.name = "Problem";
    this.status = status;
    this.code = body.code ?? "";
    this.errors = body.errors ?? [];
    this.retryAfter = retryAfter;
    this.current = body.current;
  }

  /** Whether the same call may do better later. */
  get passing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

/** No answer at all: no network, or nobody at home. */
export class NoConnection extends Error {
  constructor() {
    super(text.problem.offline);
    this.name = "NoConnection";
  }
}

/** The session is over; the shell sends to sign-in. */
export class SignedOut extends Error {
  constructor() {
    super(text.problem.signedOut);
    this.name = "SignedOut";
  }
}

/** Makes a problem of a failed response and its body, as far as somebody has read it already. */
export async function problemOf(response: Response, read?: unknown): Promise<Problem> {
  const after = Number(response.headers.get("Retry-After") ?? response.headers.get("X-Retry-After"));
  let body = read;
  if (body === undefined && !response.bodyUsed) {
    // A proxy's page in HTML is no problem+json: then the status says enough.
    body = await response.json().catch(() => null);
  }
  const known = body && typeof body === "object" ? (body as ProblemBody) : {};
  return new Problem(response.status, known, Number.isFinite(after) && after > 0 ? after : null);
}

/** What happened, what is safe, what to do: one calm sentence or two for any error. */
export function sayProblem(err: unknown): string {
  if (err instanceof NoConnection || err instanceof SignedOut) return err.message;
  if (!(err instanceof Problem)) return text.problem.unknown;
  if (err.status === 429) return text.problem.tooMany(err.retryAfter);
  if (err.status >= 500) return text.problem.away;
  if (err.status === 404) return text.problem.gone;
  if (err.status === 412) return text.problem.overtaken;
  if (err.status === 403) return text.problem.forbidden;
  if (err.errors.length > 0) return err.errors.map((e) => fieldSentence(e)).join(" ");
  return sentence(err.message);
}

/** Why something is not shown. What is only read is not "not saved", and comes by itself. */
export const sayNotLoaded = (err: unknown): string =>
  err instanceof NoConnection ? text.problem.unread : `${text.problem.load} ${sayProblem(err)}`;

function fieldSentence(e: FieldError): string {
  const name = e.field.split("/").filter(Boolean)[0] ?? "";
  const known = text.fields[name as keyof typeof text.fields];
  return sentence(known ? `${known}: ${e.detail}` : e.detail);
}

const sentence = (s: string): string => {
  const upper = s.charAt(0).toUpperCase() + s.slice(1);
  return /[.!?]$/.test(upper) ? upper : upper + ".";
};
