import { Text } from "@mantine/core";
import type { Colleague } from "@/api/types.gen";
import { t, td } from "@/i18n";
import { methodWords, ROLE_TITLES } from "@/ui/people";
import { When } from "@/ui/Values";

/** What is known of a person, line by line. */
export function Facts({ of: person }: { of: Colleague }) {
  const facts: [string, React.ReactNode][] = [
    [t("E-mail"), person.email],
    [t("Roles"), person.roles.map((role) => td(ROLE_TITLES[role] ?? role)).join(", ")],
    [
      t("Last sign-in"),
      person.lastSignInAt ? (
        <>
          <When at={person.lastSignInAt} /> · {methodWords(person.lastSignInMethod)}
        </>
      ) : (
        t("Never")
      ),
    ],
    [t("Has"), person.signsInWith.map(wayWords).join(", ") || t("No sign-in of their own")],
    [t("Since"), <When key="since" at={person.createdAt} dateOnly />],
  ];
  if (person.awaitsConnection) {
    facts.push([t("Waits for a first sign-in by"), person.awaitsConnection]);
  }
  if (person.invitedUntil) {
    facts.push([t("Link works until"), <When key="until" at={person.invitedUntil} />]);
  }
  return (
    <dl style={{ display: "grid", gridTemplateColumns: "auto 1fr", gap: "6px 16px", margin: 0 }}>
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: "contents" }}>
          <Text component="dt" size="sm" c="var(--muted)">
            {name}
          </Text>
          <Text component="dd" size="sm" m={0} style={{ overflowWrap: "anywhere" }}>
            {value}
          </Text>
        </div>
      ))}
    </dl>
  );
}

function wayWords(way: string): string {
  if (way === "password") return t("Password");
  if (way === "totp") return t("Authenticator app");
  if (way === "sso") return t("Company sign-in");
  return t("Passkey");
}
