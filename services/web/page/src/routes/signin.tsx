/** `/signin`: back to where one wanted to go. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { useRef, useState, type SubmitEvent } from "react";
import { sayAuthError, type Said } from "~/features/account/errors";
import { authClient, hasSession } from "~/lib/auth";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { Field, PasswordField } from "~/ui/field";
import { Notice } from "~/ui/notice";
import { AuthPage, useGoOn } from "./auth-page";

const route = getRouteApi("/signin");

export function SignIn() {
  const { next, ended } = route.useSearch();
  useGoOn(next);
  const [said, setSaid] = useState<Said | null>(null);
  const [busy, setBusy] = useState(false);
  const password = useRef<HTMLInputElement>(null);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setSaid(null);
    const { error } = await authClient.signIn.email({
      email: String(form.get("email")).trim(),
      password: String(form.get("password")),
      rememberMe: form.get("remember") === "on",
    });
    // The session arrives in a moment and leads on; unless the browser has thrown its cookie away.
    if (!error && (await hasSession())) return;
    setBusy(false);
    setSaid(error ? sayAuthError(error) : { words: text.auth.noCookie, field: null });
    password.current?.focus();
  }

  return (
    <AuthPage title={text.auth.signInTitle}>
      {ended && !said && <p role="status">{text.auth.ended}</p>}
      {said && !said.field && <Notice>{said.words}</Notice>}
      <form onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
        <Field
          label={text.auth.email}
          name="email"
          type="email"
          autoComplete="username"
          required
          error={said?.field === "email" ? said.words : undefined}
        />
        <PasswordField
          ref={password}
          label={text.auth.password}
          name="password"
          autoComplete="current-password"
          required
          error={said?.field === "password" ? said.words : undefined}
        />
        <label className="inline-flex min-h-6 items-center gap-2">
          <input type="checkbox" name="remember" defaultChecked className="size-4 accent-accent" />
          {text.auth.remember}
        </label>
        <Button kind="main" type="submit" disabled={busy}>
          {busy ? text.auth.signingIn : text.auth.signIn}
        </Button>
      </form>
      <Link to="/forgot" className="self-start text-accent underline underline-offset-4">
        {text.auth.forgot}
      </Link>
      <p className="text-quiet">
        {text.auth.toSignUp}{" "}
        <Link to="/signup" search={next ? { next } : {}} className="text-accent underline underline-offset-4">
          {text.auth.signUpTitle}
        </Link>
      </p>
    </AuthPage>
  );
}
