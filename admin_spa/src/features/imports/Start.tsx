/** Bringing much in from a file: the first step, and what was brought before. */

import { Group, List, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import type { ReactNode } from "react";
import { Go, useGo } from "@/app/links";
import { useBrand } from "@/app/me";
import { t, td } from "@/i18n";
import { call } from "@/lib/http";
import { EmptyState } from "@/ui/EmptyState";
import { Card, Page } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { State, When } from "@/ui/Values";
import { DropCsv, EmptyCsv, useSendCsv } from "./Csv";
import { type FileImport, type Kind, stateOf } from "./kind";

/** `children` is where a file is chosen. */
export function Start({ kind, children }: { kind: Kind; children: ReactNode }) {
  const brand = useBrand();
  const past = useQuery({
    queryKey: ["imports", kind.at, brand],
    queryFn: () => call<{ items: FileImport[] }>("GET", `/${brand}${kind.at}`),
  });
  return (
    <Page
      title={td(kind.title)}
      crumbs={[{ title: td(kind.home.title), to: kind.home.at }]}
      lead={t("A file is looked through first; nothing changes until you say so.")}
      width="wide"
    >
      <Stack gap="lg">
        {children}
        <Card title={t("Files so far")} flush>
          {past.error ? (
            <Problem error={past.error} retry={() => void past.refetch()} />
          ) : past.data && !past.data.items.length ? (
            <EmptyState title={t("No file yet")} icon={FileUp}>
              {t("The files of the last seven days stand here with what they did.")}
            </EmptyState>
          ) : (
            <Table.ScrollContainer minWidth={520}>
              <Table verticalSpacing="sm" horizontalSpacing="md">
                <Table.Tbody>
                  {past.data?.items.map((one) => (
                    <Table.Tr key={one.id}>
                      <Table.Td>
                        <Go to={`${kind.at}/${one.id}`}>{one.fileName}</Go>
                      </Table.Td>
                      <Table.Td>
                        <div style={{ minWidth: "max-content" }}>
                          <StateOf kind={kind} one={one} />
                        </div>
                      </Table.Td>
                      <Table.Td>{one.createdBy}</Table.Td>
                      <Table.Td>
                        <When at={one.createdAt} />
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
        </Card>
      </Stack>
    </Page>
  );
}

export function StateOf({ kind, one }: { kind: Kind; one: FileImport }) {
  const { words, tone } = stateOf(kind, one);
  return <State tone={tone}>{td(words)}</State>;
}

/** `children` are the points of what the file holds, `more` stands beside the empty file. */
export function ChooseFile({
  kind,
  limits,
  heading,
  name,
  more,
  children,
}: {
  kind: Kind;
  limits: string;
  heading: string;
  name: string;
  more?: ReactNode;
  children: ReactNode;
}) {
  const brand = useBrand();
  const go = useGo();
  const bring = useSendCsv<FileImport>(
    (file) => `/${brand}${kind.at}?name=${encodeURIComponent(file.name.slice(0, 200))}`,
    (made) => void go(`${kind.at}/${made.id}`),
  );
  return (
    <Card title={t("1. Choose a file")}>
      <DropCsv bring={bring} limits={limits} />
      <Text size="sm" mt="md" fw={600}>
        {t("What the file holds")}
      </Text>
      <List size="sm" mt={4} spacing={2}>
        {children}
      </List>
      <Group mt="sm" gap="xs">
        <EmptyCsv heading={heading} name={name} />
        {more}
      </Group>
    </Card>
  );
}
