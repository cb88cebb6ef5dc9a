/** What better-auth's error codes mean to somebody who signs in or up, and which field they are about. */
import { text } from "~/text/en";

export interface AuthError {
  status: number;
  code?: string | undefined;
  message?: string | undefined;
}

export interface Said {
  words: string;
  field: "name" | "email" | "password" | null;
}

const known: Record<string, Said> = {
  INVALID_EMAIL_OR_PASSWORD: { words: text.auth.wrong, field: null },
  USER_ALREADY_EXISTS: { words: text.auth.taken, field: "email" },
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: { words: text.auth.taken, field: "email" },
  PASSWORD_TOO_SHORT: { words: text.auth.short, field: "password" },
  PASSWORD_TOO_LONG: { words: text.auth.long, field: "password" },
  PASSWORD_COMPROMISED: { words: text.auth.common, field: "password" },
  INVALID_EMAIL: { words: text.auth.badEmail, field: "email" },
  EMAIL_NOT_VERIFIED: { words: text.auth.unverified, field: null },
};

/** Says an error of the auth client; one without a status is no answer at all. */
export function sayAuthError(error: AuthError): Said {
  const found = error.code ? known[error.code] : undefined;
  if (found) return found;
  if (error.code === "VALIDATION_ERROR" && error.message?.includes("body.email")) return { words: text.auth.badEmail, field: "email" };
  if (error.status === 429) return { words: text.problem.tooMany(null), field: null };
  if (!error.status || error.status >= 500) return { words: text.auth.noAnswer, field: null };
  return { words: error.message ? error.message.replace(/\.?$/, ".") : text.problem.unknown, field: null };
}
