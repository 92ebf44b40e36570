import { Button, Group, Stack, Switch, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { Colleague } from "@/api/types.gen";
import { Go, useGo } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { done, showProblem } from "@/ui/notices";
import { Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { SidePanel } from "@/ui/SidePanel";
import { State } from "@/ui/Values";
import { useOpenConnections } from "./connections";
import { Facts } from "./Facts";
import { RoleChoice } from "./RoleChoice";
import { stateWords } from "./words";

/** One of the brand's people, and what can be done about their access. */
export function Person() {
  const brand = useBrand();
  const { person } = useParams({ strict: false }) as { person: string };
  const found = useQuery({
    queryKey: ["people", brand, person],
    queryFn: () => call<Colleague>("GET", `/${brand}/people/${person}`),
  });
  return (
    <SidePanel title={found.data?.name ?? t("Person")} closeTo="/people" size={520}>
      {found.error ? (
        <Problem error={found.error} retry={() => void found.refetch()} />
      ) : found.data ? (
        <Details of={found.data} />
      ) : (
        <Waiting />
      )}
    </SidePanel>
  );
}

function Details({ of: person }: { of: Colleague }) {
  const brand = useBrand();
  const me = useMe();
  const go = useGo();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const [roles, setRoles] = useState(person.roles);
  const [busy, setBusy] = useState("");
  useEffect(() => setRoles(person.roles), [person.roles]);
  const touchesOwner = person.roles.includes("owner") || person.breakGlass;
  const manages =
    me.may("people:manage") && !person.own && (!touchesOwner || me.roles.includes("owner"));
  const open = useOpenConnections();
  const openable =
    manages &&
    me.may("connections:manage") &&
    !person.breakGlass &&
    person.state !== "suspended" &&
    !person.awaitsConnection &&
    !person.signsInWith.includes("sso");
  const changed = [...roles].sort().join() !== [...person.roles].sort().join();

  const act = async (
    name: string,
    words: string,
    question: { title: string; consequence: string; act: string; danger?: boolean } | null,
    send: () => Promise<unknown>,
    leave = false,
  ) => {
    if (question && !(await confirm(question))) return;
    setBusy(name);
    try {
      await send();
      done(words);
      await queries.invalidateQueries({ queryKey: ["people", brand] });
      if (leave) await go("/people");
    } catch (thrown) {
      showProblem(thrown);
    } finally {
      setBusy("");
    }
  };
  const post = (path: string) => () => call("POST", `/${brand}/people/${person.id}/${path}`);
  const patch = (path: string, body: object) => () =>
    call("PATCH", `/${brand}/people/${person.id}/${path}`, { body });

  return (
    <Stack gap="lg">
      <Group gap="xs">
        <State tone={stateWords(person.state).tone}>{stateWords(person.state).text}</State>
        {person.breakGlass ? <State tone="warning">{t("Emergency account")}</State> : null}
      </Group>
      <Facts of={person} />
      {person.own ? (
        <Text size="sm" c="var(--muted)">
          {t("This is you. A colleague can change your access; your sign-in is under")}{" "}
          <Go to="/account">{t("Your account")}</Go>.
        </Text>
      ) : null}
      {manages ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void act(
              "roles",
              t("{name} has new roles.", { name: person.name }),
              person.state === "active"
                ? {
                    title: t("Change the roles of {name}?", { name: person.name }),
                    consequence: t(
                      "They are signed out everywhere and sign in again with the new roles.",
                    ),
                    act: t("Change the roles"),
                  }
                : null,
              patch("roles", { roles }),
            );
          }}
        >
          <Stack>
            <RoleChoice roles={roles} setRoles={setRoles} />
            {person.signsInWith.includes("sso") || person.awaitsConnection ? (
              <Text size="sm" c="var(--muted)">
                {t("At each company sign-in the groups there give the roles anew.")}
              </Text>
            ) : null}
            <Group>
              <Button type="submit" disabled={!changed || !roles.length} loading={busy === "roles"}>
                {t("Save the roles")}
              </Button>
              <Go to="/people/roles" size="sm">
                {t("What roles may do")}
              </Go>
            </Group>
          </Stack>
        </form>
      ) : null}
      {manages && me.roles.includes("owner") ? (
        <Switch
          label={t("Emergency account")}
          description={t(
            "Gets in with its own passkey or password when the company sign-in does not work. Every use is told to all owners.",
          )}
          checked={person.breakGlass}
          disabled={busy === "glass"}
          onChange={(e) =>
            void act(
              "glass",
              e.currentTarget.checked
                ? t("{name} is an emergency account now.", { name: person.name })
                : t("{name} is an ordinary account now.", { name: person.name }),
              null,
              patch("break-glass", { breakGlass: e.currentTarget.checked }),
            )
          }
        />
      ) : null}
      {manages ? (
        <Group gap="xs">
          {person.state === "invited" ? (
            <Button
              variant="default"
              loading={busy === "invitation"}
              onClick={() =>
                void act(
                  "invitation",
                  t("A new invitation is on its way to {email}.", { email: person.email }),
                  null,
                  post("invitation"),
                )
              }
            >
              {t("Send the invitation again")}
            </Button>
          ) : null}
          {openable
            ? open.map((one) => (
                <Button
                  key={one.id}
                  variant="default"
                  loading={busy === one.id}
                  onClick={() =>
                    void act(
                      one.id,
                      t("{name} can come in by {connection} now.", {
                        name: person.name,
                        connection: one.title,
                      }),
                      {
                        title: t("Let {connection} open this account?", { connection: one.title }),
                        consequence: t(
                          "Whoever signs in there with the address {email} comes in as {name}. From then on the groups there give the roles.",
                          { email: person.email, name: person.name },
                        ),
                        act: t("Let it open the account"),
                      },
                      () =>
                        call("POST", `/${brand}/connections/${one.id}/invitations`, {
                          body: { staffId: person.id },
                        }),
                    )
                  }
                >
                  {t("Let {connection} open it", { connection: one.title })}
                </Button>
              ))
            : null}
          {person.state === "active" ? (
            <>
              <Button
                variant="default"
                loading={busy === "end-sessions"}
                onClick={() =>
                  void act(
                    "end-sessions",
                    t("{name} is signed out everywhere.", { name: person.name }),
                    null,
                    post("end-sessions"),
                  )
                }
              >
                {t("Sign out everywhere")}
              </Button>
              <Button
                variant="default"
                loading={busy === "reset"}
                onClick={() =>
                  void act(
                    "reset",
                    t("A new link is on its way to {email}.", { email: person.email }),
                    {
                      title: t("Reset the sign-in of {name}?", { name: person.name }),
                      consequence: t(
                        "Password, authenticator app and passkeys are removed, and {email} gets a link to set up new ones.",
                        { email: person.email },
                      ),
                      act: t("Reset the sign-in"),
                    },
                    post("reset"),
                  )
                }
              >
                {t("Reset the sign-in")}
              </Button>
              <Button
                variant="default"
                loading={busy === "suspend"}
                onClick={() =>
                  void act(
                    "suspend",
                    t("{name} is suspended.", { name: person.name }),
                    {
                      title: t("Suspend {name}?", { name: person.name }),
                      consequence: t(
                        "They are signed out at once and cannot sign in until somebody restores them.",
                      ),
                      act: t("Suspend"),
                      danger: true,
                    },
                    post("suspend"),
                  )
                }
              >
                {t("Suspend")}
              </Button>
            </>
          ) : null}
          {person.state === "suspended" ? (
            <Button
              loading={busy === "restore"}
              onClick={() =>
                void act(
                  "restore",
                  t("{name} can sign in again.", { name: person.name }),
                  null,
                  post("restore"),
                )
              }
            >
              {t("Restore")}
            </Button>
          ) : null}
          <Button
            variant="subtle"
            color="red"
            loading={busy === "remove"}
            onClick={() =>
              void act(
                "remove",
                t("{name} is removed.", { name: person.name }),
                {
                  title:
                    person.state === "invited"
                      ? t("Take the invitation of {name} back?", { name: person.name })
                      : t("Remove {name}?", { name: person.name }),
                  consequence:
                    person.state === "invited"
                      ? person.awaitsConnection
                        ? t(
                            "The account is deleted. If the connection makes accounts by itself, they can still come in by their groups.",
                          )
                        : t("The link stops working.")
                      : t(
                          "They are signed out at once and their sign-in is deleted. What they did stays in the audit trail under their name. This cannot be undone.",
                        ),
                  act: person.state === "invited" ? t("Take it back") : t("Remove"),
                  danger: true,
                },
                post("remove"),
                true,
              )
            }
          >
            {person.state === "invited" ? t("Take the invitation back") : t("Remove")}
          </Button>
        </Group>
      ) : null}
    </Stack>
  );
}
