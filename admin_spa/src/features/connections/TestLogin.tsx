import { Alert, Button, Code, Group, Stack, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { useEffect } from "react";
import type { Connection, ConnectionTest, StartedTest } from "@/api/types.gen";
import { useBrand } from "@/app/me";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { Card, Outside } from "@/ui/Page";
import { State, When } from "@/ui/Values";
import type { Settings } from "./settings";
import { reasonWords, roleWords } from "./words";

const PATIENCE_MS = 15 * 60_000;

interface Props {
  of: Connection;
  dirty: boolean;
  shown: string;
  show: (test: string) => void;
  map: (group: string, role: string) => void;
  settings: Settings;
  roles: string[];
}

/** A login that signs nobody in: what the provider says, and what would follow from it. */
export function TestLogin({ of: one, dirty, shown, show, map, settings, roles }: Props) {
  const brand = useBrand();
  const client = useQueryClient();
  const start = useMutation({
    mutationFn: () => call<StartedTest>("POST", `/${brand}/connections/${one.id}/tests`),
    onSuccess: (test) => {
      // Opened by the click that asked for it, so no browser takes it for an advertisement.
      window.open(test.url, "_blank", "noopener");
      show(test.id);
    },
  });
  const test = useQuery({
    queryKey: ["connection-test", brand, one.id, shown],
    queryFn: () =>
      shown
        ? call<ConnectionTest>("GET", `/${brand}/connections/${one.id}/tests/${shown}`)
        : Promise.resolve(one.lastTest),
    initialData: shown && shown !== one.lastTest?.id ? undefined : one.lastTest,
    refetchInterval: (query) => {
      const found = query.state.data;
      const waits = found?.outcome === "waiting";
      return waits && Date.now() - Date.parse(found.startedAt) < PATIENCE_MS ? 1500 : false;
    },
  });
  const found = test.data;
  const outcome = found?.outcome;
  useEffect(() => {
    if (outcome && outcome !== "waiting") {
      void client.invalidateQueries({ queryKey: ["connection", brand, one.id] });
    }
  }, [outcome, client, brand, one.id]);
  const unmapped = (found?.groups ?? []).filter(
    (group) => !settings.roles.some((m) => m.group === group),
  );
  return (
    <Card
      title={t("4. Test login")}
      lead={t("Opens the provider in a new tab. Nobody is signed in by it.")}
      actions={
        <Button
          leftSection={<ExternalLink size={16} aria-hidden />}
          disabled={dirty}
          loading={start.isPending}
          onClick={() => start.mutate()}
        >
          {t("Make a test login")}
        </Button>
      }
    >
      <Stack>
        {dirty ? <Text size="sm">{t("Save the draft first.")}</Text> : null}
        {found ? (
          <>
            <Result of={found} url={start.data?.id === found.id ? start.data.url : ""} />
            {unmapped.length ? (
              <div>
                <Text size="sm" fw={550}>
                  {t("Groups that give no role yet")}
                </Text>
                <Group gap="xs" mt={4}>
                  {unmapped.slice(0, 30).map((group) => (
                    <Button
                      key={group}
                      size="compact-sm"
                      variant="default"
                      disabled={!roles.length}
                      onClick={() => map(group, "marketer")}
                    >
                      {t("Map {group}", { group })}
                    </Button>
                  ))}
                </Group>
              </div>
            ) : null}
            <Claims of={found} />
          </>
        ) : dirty ? null : (
          <Text size="sm" c="var(--muted)">
            {t("No test login has been made yet.")}
          </Text>
        )}
      </Stack>
    </Card>
  );
}

function Result({ of: test, url }: { of: ConnectionTest; url: string }) {
  if (test.outcome === "waiting") {
    return (
      <Alert color="blue" variant="light" role="status" title={t("Waiting for the other tab")}>
        {t("Sign in there. The result appears here by itself.")}{" "}
        {url ? <Outside href={url}>{t("Open the provider")}</Outside> : null}
      </Alert>
    );
  }
  if (test.outcome === "failed") {
    return (
      <Alert color="red" variant="light" role="status" title={t("The test login did not work")}>
        {reasonWords(test.reason, test.detail)}
      </Alert>
    );
  }
  return (
    <Alert color="green" variant="light" role="status" title={t("The test login worked")}>
      <Group gap="xs">
        <Text size="sm">{t("This person would come in as")}</Text>
        {test.roles.map((role) => (
          <State key={role} tone="positive">
            {roleWords(role)}
          </State>
        ))}
      </Group>
      {test.current ? null : (
        <Text size="sm" mt={6}>
          {t("It was made with earlier settings; make another one.")}
        </Text>
      )}
      <Text size="xs" c="var(--muted)" mt={6}>
        <When at={test.finishedAt} ago />
      </Text>
    </Alert>
  );
}

function Claims({ of: test }: { of: ConnectionTest }) {
  const claims = Object.entries(test.claims);
  if (!claims.length) return null;
  return (
    <Table layout="fixed" aria-label={t("What the provider said")} withRowBorders>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="35%">{t("Claim")}</Table.Th>
          <Table.Th>{t("Value")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {claims.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{name}</Table.Td>
            <Table.Td>
              <Code style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
                {typeof value === "string" ? value : JSON.stringify(value)}
              </Code>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
