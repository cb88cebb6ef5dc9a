/** Deleting oneself: with the password, said plainly, and asked once more. */
import { useState } from "react";
import { authClient, dropToken } from "~/lib/auth";
import { forget } from "~/lib/keep";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { PasswordField } from "~/ui/field";
import { Form } from "~/ui/form";
import { Section } from "~/ui/section";
import { sayAuthError } from "./errors";
import { forgetPerson, usePerson } from "./person";

const words = text.settings;

export function Danger() {
  const { id } = usePerson();
  const [asked, setAsked] = useState(false);
  return (
    <Section title={words.danger} lead={words.dangerLead}>
      {asked ? (
        <>
          <Form
            button={words.deleteSure}
            kind="danger"
            onSubmit={async (form) => {
              const { error } = await authClient.deleteUser({ password: String(form.get("password")) });
              if (error?.code === "INVALID_PASSWORD") return words.wrongPassword;
              if (error) return sayAuthError(error).words;
              dropToken();
              forgetPerson();
              await forget(id);
              window.location.replace("/");
            }}
          >
            <PasswordField label={words.confirmPassword} name="password" autoComplete="current-password" required />
          </Form>
          <Button className="self-start" onClick={() => setAsked(false)}>
            {words.cancel}
          </Button>
        </>
      ) : (
        <Button kind="danger" className="self-start" onClick={() => setAsked(true)}>
          {words.deleteAccount}
        </Button>
      )}
    </Section>
  );
}
