import { Button, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { Link2, Plus } from "lucide-react";
import type { Connection } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { Go, useGo } from "@/app/links";
import { useMe } from "@/app/me";
import { t, tn } from "@/i18n";
import { EmptyState } from "@/ui/EmptyState";
import { Card, Page } from "@/ui/Page";
import { State, When } from "@/ui/Values";
import { useConnections } from "./connections";
import { Domains } from "./Domains";
import { stateWords } from "./words";

/** The brand's own sign-in: its connections, and the e-mail domains that lead to them. */
export function Connections() {
  return (
    <Guarded permission="connections:read" title={t("Single sign-on")}>
      <List />
    </Guarded>
  );
}

function List() {
  const me = useMe();
  const go = useGo();
  const found = useConnections();
  const add = me.may("connections:manage") ? (
    <Button
      leftSection={<Plus size={16} aria-hidden />}
      onClick={() => void go("/integrations/connections/new")}
    >
      {t("Add a connection")}
    </Button>
  ) : undefined;
  return (
    <Page
      title={t("Single sign-on")}
      lead={t("Your people sign in with their corporate account; their groups give their roles.")}
      actions={found.data?.items.length ? add : undefined}
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
    >
      <Stack gap="lg">
        {found.data?.items.length ? (
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {found.data.items.map((one) => (
              <Summary key={one.id} of={one} />
            ))}
          </SimpleGrid>
        ) : (
          <Card>
            <EmptyState title={t("No corporate sign-in yet")} icon={Link2} action={add}>
              {t(
                "Connect Entra ID, AD FS or another provider. You try it with a test login before anybody else sees it.",
              )}
            </EmptyState>
          </Card>
        )}
        <Domains />
      </Stack>
    </Page>
  );
}

function Summary({ of: one }: { of: Connection }) {
  const [words, tone] = stateWords(one.state);
  return (
    <Card>
      <Stack gap={6}>
        <Group justify="space-between" wrap="nowrap">
          <Go to={`/integrations/connections/${one.id}`} fw={600}>
            {one.title}
          </Go>
          <State tone={tone}>{words}</State>
        </Group>
        <Text size="sm" c="var(--muted)" style={{ overflowWrap: "anywhere" }}>
          {one.kind === "saml" ? "SAML 2.0" : "OpenID Connect"} ·{" "}
          {String(one.settings.issuer || one.settings.entityId || "–")}
        </Text>
        <Text size="sm">
          {tn("{n} person signs in by it", "{n} people sign in by it", one.people)}
          {" · "}
          <When at={one.updatedAt} ago />
        </Text>
        {one.pending ? (
          <Text size="sm" c="var(--warning)">
            {t("Changes wait for a test login.")}
          </Text>
        ) : null}
      </Stack>
    </Card>
  );
}
