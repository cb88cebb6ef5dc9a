/** `/forgot` and `/reset-password`: a link by mail, then a new password. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { sayAuthError } from "~/features/account/errors";
import { authClient } from "~/lib/auth";
import { text } from "~/text/en";
import { Field, PasswordField } from "~/ui/field";
import { Form } from "~/ui/form";
import { Notice } from "~/ui/notice";
import { AuthPage } from "./auth-page";

const words = text.reset;
const link = "text-accent underline underline-offset-4";

export function Forgot() {
  const [sent, setSent] = useState(false);
  return (
    <AuthPage title={words.forgotTitle}>
      {sent ? (
        <p role="status">{words.sent}</p>
      ) : (
        <>
          <p className="text-quiet">{words.forgotLead}</p>
          <Form
            button={words.send}
            kind="main"
            onSubmit={async (form) => {
              const { error } = await authClient.requestPasswordReset({
                email: String(form.get("email")).trim(),
                redirectTo: "/reset-password",
              });
              if (error) return sayAuthError(error).words;
              setSent(true);
            }}
          >
            <Field label={text.auth.email} name="email" type="email" autoComplete="username" required />
          </Form>
        </>
      )}
      <Link to="/signin" className={`self-start ${link}`}>
        {words.back}
      </Link>
    </AuthPage>
  );
}

const route = getRouteApi("/reset-password");

export function Reset() {
  const { token, error: refused } = route.useSearch();
  const [done, setDone] = useState(false);
  return (
    <AuthPage title={words.title}>
      {done && <p role="status">{words.done}</p>}
      {!done && (refused || !token) && (
        <Notice
          action={
            <Link to="/forgot" className={link}>
              {words.again}
            </Link>
          }
        >
          {words.stale}
        </Notice>
      )}
      {!done && !refused && token && (
        <Form
          button={words.set}
          kind="main"
          onSubmit={async (form) => {
            const { error } = await authClient.resetPassword({ newPassword: String(form.get("password")), token });
            if (error?.code === "INVALID_TOKEN") return words.stale;
            if (error) return sayAuthError(error).words;
            setDone(true);
          }}
        >
          <PasswordField
            label={text.settings.newPassword}
            name="password"
            autoComplete="new-password"
            required
            minLength={8}
            maxLength={128}
            hint={text.auth.passwordHint}
          />
        </Form>
      )}
      <Link to="/signin" className={`self-start ${link}`}>
        {words.back}
      </Link>
    </AuthPage>
  );
}
