import { Button, Group, Modal, Stack, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Laptop, Smartphone } from "lucide-react";
import { useState } from "react";
import type { OwnSecurity, OwnSession, OwnSessions } from "@/api/types.gen";
import { meOptions, useBrand, useMe } from "@/app/me";
import { t, td, tn } from "@/i18n";
import { call, setCsrfToken } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { done, showProblem } from "@/ui/notices";
import { Card, Page, Waiting } from "@/ui/Page";
import { browserWords, methodWords, ROLE_TITLES } from "@/ui/people";
import { Scroller } from "@/ui/Scroller";
import { State, When } from "@/ui/Values";
import { ChangePassword, NewAuthenticator, NewPasskey, NewRecoveryCodes } from "./changes";

/** One's own sign-in: where one is signed in, and what opens the account. */
export function Account() {
  const me = useMe();
  const security = useSecurity();
  return (
    <Page
      title={t("Your account")}
      lead={`${me.name} · ${me.email} · ${me.roles.map((r) => td(ROLE_TITLES[r] ?? r)).join(", ")}`}
      loading={security.isPending}
      error={security.error}
      retry={() => void security.refetch()}
    >
      <Stack gap="lg">
        <Security />
        <Sessions />
      </Stack>
    </Page>
  );
}

function useSecurity() {
  const brand = useBrand();
  return useQuery({
    queryKey: ["own-security", brand],
    queryFn: () => call<OwnSecurity>("GET", `/${brand}/me/security`),
  });
}

type Change = "password" | "totp" | "passkey" | "codes";

function Security() {
  const brand = useBrand();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const [change, setChange] = useState<Change | null>(null);
  const found = useSecurity();
  const refresh = async () => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: ["own-security", brand] }),
      queries.invalidateQueries({ queryKey: ["own-sessions", brand] }),
      queries.invalidateQueries({ queryKey: meOptions(brand).queryKey }),
    ]);
  };
  const finish = (words: string) => {
    setChange(null);
    done(words);
    void refresh();
  };
  const remove = async (path: string, title: string, act: string, words: string) => {
    const yes = await confirm({
      title,
      consequence: t("It no longer opens your account. Your other browsers are signed out."),
      act,
      danger: true,
    });
    if (!yes) return;
    try {
      const renewed = await call<{ csrfToken: string }>("DELETE", `/${brand}/me/${path}`);
      setCsrfToken(renewed.csrfToken);
      done(words);
      await refresh();
    } catch (thrown) {
      showProblem(thrown);
    }
  };
  const has = found.data;
  return (
    <Card
      title={t("What opens your account")}
      lead={t("A passkey, or a password together with an authenticator app.")}
    >
      {has ? (
        <Stack gap="md">
          <Line
            title={t("Passkeys")}
            state={
              has.passkeys.length ? (
                <Stack gap={6}>
                  {has.passkeys.map((key) => (
                    <Group key={key.id} gap="sm">
                      <Text size="sm" fw={550}>
                        {key.name}
                      </Text>
                      {key.blockedAt ? <State tone="danger">{t("Blocked: a copy?")}</State> : null}
                      <Text size="sm" c="var(--muted)">
                        {key.lastUsedAt ? (
                          <>
                            {t("Last used")} <When at={key.lastUsedAt} ago />
                          </>
                        ) : (
                          <>
                            {t("Made")} <When at={key.createdAt} dateOnly />
                          </>
                        )}
                      </Text>
                      <Button
                        size="compact-sm"
                        variant="subtle"
                        color="red"
                        aria-label={t("Remove the passkey {name}", { name: key.name })}
                        onClick={() =>
                          void remove(
                            `passkeys/${key.id}`,
                            t("Remove the passkey “{name}”?", { name: key.name }),
                            t("Remove the passkey"),
                            t("The passkey is removed."),
                          )
                        }
                      >
                        {t("Remove")}
                      </Button>
                    </Group>
                  ))}
                </Stack>
              ) : (
                t("None")
              )
            }
            actions={
              <Button variant="default" onClick={() => setChange("passkey")}>
                {t("Add a passkey")}
              </Button>
            }
          />
          <Line
            title={t("Password")}
            state={
              has.passwordChangedAt ? (
                <>
                  {t("Set on")} <When at={has.passwordChangedAt} dateOnly />
                </>
              ) : (
                t("None")
              )
            }
            actions={
              <Button variant="default" onClick={() => setChange("password")}>
                {has.password ? t("Change the password") : t("Set a password")}
              </Button>
            }
          />
          <Line
            title={t("Authenticator app")}
            state={has.totp ? t("Set up") : t("None")}
            actions={
              <>
                <Button variant="default" onClick={() => setChange("totp")}>
                  {has.totp ? t("Move to another device") : t("Set up an app")}
                </Button>
                {has.totp ? (
                  <Button
                    variant="subtle"
                    color="red"
                    onClick={() =>
                      void remove(
                        "totp",
                        t("Remove the authenticator app?"),
                        t("Remove the app"),
                        t("The authenticator app is removed."),
                      )
                    }
                  >
                    {t("Remove")}
                  </Button>
                ) : null}
              </>
            }
          />
          {has.totp ? (
            <Line
              title={t("Recovery codes")}
              state={tn("{n} code left", "{n} codes left", has.recoveryCodesLeft)}
              actions={
                <Button variant="default" onClick={() => setChange("codes")}>
                  {t("Make new codes")}
                </Button>
              }
            />
          ) : null}
        </Stack>
      ) : null}
      <Modal
        opened={change !== null}
        onClose={() => setChange(null)}
        closeOnClickOutside={false}
        size="md"
        title={
          <Text component="span" fw={620}>
            {change === "password"
              ? t("A new password")
              : change === "totp"
                ? t("An authenticator app")
                : change === "codes"
                  ? t("New recovery codes")
                  : t("A new passkey")}
          </Text>
        }
        closeButtonProps={{ "aria-label": t("Close") }}
      >
        {change === "password" ? <ChangePassword finish={finish} /> : null}
        {change === "totp" ? <NewAuthenticator finish={finish} /> : null}
        {change === "codes" ? <NewRecoveryCodes finish={finish} /> : null}
        {change === "passkey" ? <NewPasskey finish={finish} /> : null}
      </Modal>
    </Card>
  );
}

function Line({
  title,
  state,
  actions,
}: {
  title: string;
  state: React.ReactNode;
  actions: React.ReactNode;
}) {
  return (
    <Group justify="space-between" align="flex-start" gap="sm">
      <div>
        <Text fw={600}>{title}</Text>
        <Text size="sm" c="var(--muted)" component="div">
          {state}
        </Text>
      </div>
      <Group gap="xs">{actions}</Group>
    </Group>
  );
}

function Sessions() {
  const brand = useBrand();
  const queries = useQueryClient();
  const key = ["own-sessions", brand];
  const found = useQuery({
    queryKey: key,
    queryFn: () => call<OwnSessions>("GET", `/${brand}/sessions`),
  });
  const end = useMutation({
    mutationFn: (one: OwnSession | null) =>
      call<OwnSessions>("DELETE", `/${brand}/sessions${one ? `/${one.id}` : ""}`),
    onSuccess: (left, one) => {
      queries.setQueryData(key, left);
      done(one ? t("That browser is signed out.") : t("All other browsers are signed out."));
    },
  });
  const items = found.data?.items ?? [];
  return (
    <Card
      title={t("Where you are signed in")}
      lead={t("Something you do not know? Sign it out and change your password.")}
      actions={
        items.length > 1 ? (
          <Button variant="default" loading={end.isPending} onClick={() => end.mutate(null)}>
            {t("Sign out everywhere else")}
          </Button>
        ) : undefined
      }
    >
      {found.isPending ? <Waiting lines={3} /> : null}
      <Scroller label={t("Where you are signed in")} minWidth={320}>
        <Table verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("Browser")}</Table.Th>
              <Table.Th visibleFrom="sm">{t("Signed in")}</Table.Th>
              <Table.Th>{t("Last seen")}</Table.Th>
              <Table.Th>
                <span className="visually-hidden">{t("Actions")}</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((one) => (
              <Table.Tr key={one.id}>
                <Table.Td>
                  <Group gap="sm" wrap="nowrap">
                    {/Mobile|Android|iPhone/.test(one.agent) ? (
                      <Smartphone size={20} aria-hidden />
                    ) : (
                      <Laptop size={20} aria-hidden />
                    )}
                    <div>
                      <Text size="sm" fw={550}>
                        {browserWords(one.agent)}
                      </Text>
                      <Text size="xs" c="var(--muted)">
                        {one.address || t("Unknown address")} · {methodWords(one.method)}
                      </Text>
                    </div>
                  </Group>
                </Table.Td>
                <Table.Td visibleFrom="sm">
                  <When at={one.startedAt} />
                </Table.Td>
                <Table.Td>
                  {one.current ? (
                    <State tone="positive">{t("This browser")}</State>
                  ) : (
                    <When at={one.seenAt} ago />
                  )}
                </Table.Td>
                <Table.Td ta="end">
                  {one.current ? null : (
                    <Button
                      size="compact-sm"
                      variant="default"
                      onClick={() => end.mutate(one)}
                      aria-label={t("Sign out {browser}", { browser: browserWords(one.agent) })}
                    >
                      {t("Sign out")}
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Scroller>
    </Card>
  );
}
