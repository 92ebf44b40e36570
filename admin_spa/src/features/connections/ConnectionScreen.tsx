import { Alert, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { Connection as Shown } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useUrlState } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { useUnsavedGuard } from "@/app/unsaved";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { Card, Page } from "@/ui/Page";
import { State } from "@/ui/Values";
import { Acts } from "./Acts";
import { Copyable } from "./Copyable";
import { useConnections } from "./connections";
import { SettingsForm } from "./SettingsForm";
import { same, settingsOf } from "./settings";
import { TestLogin } from "./TestLogin";
import { stateWords } from "./words";

/** One connection, from its addresses over its settings and a test login into force. */
export function ConnectionScreen() {
  const brand = useBrand();
  const { connection: id } = useParams({ strict: false }) as { connection: string };
  const found = useQuery({
    queryKey: ["connection", brand, id],
    queryFn: () => call<Shown>("GET", `/${brand}/connections/${id}`),
  });
  return (
    <Guarded permission="connections:read" title={t("Single sign-on")}>
      {found.data ? (
        <Loaded key={found.data.id} of={found.data} />
      ) : (
        <Page
          title={t("Single sign-on")}
          loading={found.isPending}
          error={found.error}
          retry={() => void found.refetch()}
        />
      )}
    </Guarded>
  );
}

function Loaded({ of: one }: { of: Shown }) {
  const brand = useBrand();
  const me = useMe();
  const client = useQueryClient();
  const all = useConnections();
  const [view, setView] = useUrlState({ test: "" });
  const [title, setTitle] = useState(one.title);
  const [settings, setSettings] = useState(() => settingsOf(one));
  const dirty = title !== one.title || !same(settings, settingsOf(one));
  useUnsavedGuard(dirty);
  const [words, tone] = stateWords(one.state);
  const take = (next: Shown) => {
    client.setQueryData(["connection", brand, next.id], next);
    void client.invalidateQueries({ queryKey: ["connections", brand] });
  };
  const saved = (next: Shown) => {
    take(next);
    setTitle(next.title);
    setSettings(settingsOf(next));
  };
  const manage = me.may("connections:manage");
  return (
    <Page
      title={one.title}
      badge={<State tone={tone}>{words}</State>}
      crumbs={[{ title: t("Single sign-on"), to: "/integrations/connections" }]}
      width="column"
    >
      <Stack gap="lg">
        {one.pending ? (
          <Alert color="orange" variant="light" title={t("Changes are not in use yet")}>
            {t(
              "People sign in with the settings before. Make a test login with the new ones, then put them into use.",
            )}
          </Alert>
        ) : null}
        <Card
          title={t("1. Register it at the provider")}
          lead={t("Enter these addresses there, exactly as they stand here.")}
        >
          <Stack>
            {one.kind === "saml" ? (
              <>
                <Copyable label={t("Metadata address")} value={one.addresses.metadata} />
                <Copyable
                  label={t("Assertion consumer service (reply URL)")}
                  value={one.addresses.assertionConsumer}
                />
                <Copyable label={t("Entity id (audience)")} value={one.addresses.metadata} />
              </>
            ) : (
              <>
                <Copyable label={t("Redirect URI (callback)")} value={one.addresses.callback} />
                <Copyable
                  label={t("Address after signing out")}
                  value={one.addresses.signOut}
                  hint={t("Post-logout redirect URI, where the provider asks for one.")}
                />
                <Copyable
                  label={t("Back-channel logout address")}
                  value={one.addresses.backChannelLogout}
                  hint={t("Where the provider can tell us that somebody signed out there.")}
                />
              </>
            )}
          </Stack>
        </Card>
        <SettingsForm
          of={one}
          title={title}
          setTitle={setTitle}
          settings={settings}
          change={(part) => setSettings((s) => ({ ...s, ...part }))}
          dirty={dirty}
          saved={saved}
          take={take}
          roles={all.data?.roles ?? []}
          defaultRoles={all.data?.defaultRoles ?? []}
          readOnly={!manage}
        />
        {manage ? (
          <TestLogin
            of={one}
            dirty={dirty}
            shown={view.test}
            show={(test) => setView({ test })}
            map={(group, role) =>
              setSettings((s) => ({ ...s, roles: [...s.roles, { group, role }] }))
            }
            settings={settings}
            roles={all.data?.roles ?? []}
          />
        ) : null}
        {manage ? <Acts of={one} dirty={dirty} take={saved} /> : null}
        <Text size="sm" c="var(--muted)">
          {t("Every change here stands in the audit trail.")}
        </Text>
      </Stack>
    </Page>
  );
}
