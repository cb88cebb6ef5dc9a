/** `/signup`: a name, an e-mail, a password; the zone is the browser's. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState, type SubmitEvent } from "react";
import { sayAuthError, type Said } from "~/features/account/errors";
import { authClient, hasSession } from "~/lib/auth";
import { browserZone } from "~/lib/time";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { Field, PasswordField } from "~/ui/field";
import { Notice } from "~/ui/notice";
import { AuthPage, useGoOn } from "./auth-page";

const route = getRouteApi("/signup");

export function SignUp() {
  const { next } = route.useSearch();
  useGoOn(next);
  const [said, setSaid] = useState<Said | null>(null);
  const [busy, setBusy] = useState(false);
  const [mailed, setMailed] = useState(false);
  const errorOf = (field: Said["field"]) => (said?.field === field ? said?.words : undefined);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setSaid(null);
    const wanted = {
      name: String(form.get("name")).trim(),
      email: String(form.get("email")).trim(),
      password: String(form.get("password")),
      timeZone: browserZone(), // a field of ours beyond better-auth's
    };
    const { data, error } = await authClient.signUp.email(wanted);
    if (error) {
      setBusy(false);
      setSaid(sayAuthError(error));
    } else if (!data.token) {
      setMailed(true); // the e-mail is to be confirmed before there is a session
    } else if (!(await hasSession())) {
      setBusy(false);
      setSaid({ words: text.auth.noCookie, field: null });
    }
  }

  if (mailed)
    return (
      <AuthPage title={text.auth.signUpTitle}>
        <p role="status">{text.auth.checkMail}</p>
      </AuthPage>
    );
  return (
    <AuthPage title={text.auth.signUpTitle}>
      {said && !said.field && <Notice>{said.words}</Notice>}
      <form onSubmit={(e) => void submit(e)} className="flex flex-col gap-4">
        <Field label={text.auth.name} name="name" autoComplete="name" required maxLength={200} error={errorOf("name")} />
        <Field label={text.auth.email} name="email" type="email" autoComplete="username" required error={errorOf("email")} />
        <PasswordField
          label={text.auth.password}
          name="password"
          autoComplete="new-password"
          required
          minLength={8}
          maxLength={128}
          hint={text.auth.passwordHint}
          error={errorOf("password")}
        />
        <Button kind="main" type="submit" disabled={busy}>
          {busy ? text.auth.signingUp : text.auth.signUp}
        </Button>
      </form>
      <p className="text-quiet">
        {text.auth.toSignIn}{" "}
        <Link to="/signin" search={next ? { next } : {}} className="text-accent underline underline-offset-4">
          {text.auth.signIn}
        </Link>
      </p>
    </AuthPage>
  );
}
