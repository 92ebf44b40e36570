import { Button, Code, Group, Stack, Table, Text } from "@mantine/core";
import type { AuditEntry } from "@/api/types.gen";
import { Go } from "@/app/links";
import { t } from "@/i18n";
import { SidePanel } from "@/ui/SidePanel";
import { When } from "@/ui/Values";
import { actionWords, fieldWords, subjectLink, valueWords, whoWords } from "./words";

/** One entry with everything it tells. */
export function AuditPanel({
  entry,
  close,
  narrow,
}: {
  entry: AuditEntry;
  close: () => void;
  narrow: (change: { actor?: string; subject?: string }) => void;
}) {
  const link = subjectLink(entry);
  const told = Object.entries(entry.summary);
  return (
    <SidePanel title={actionWords(entry.action)} onClose={close}>
      <Stack>
        <Text>
          {whoWords(entry)}, <When at={entry.occurredAt} />
        </Text>
        {link ? <Go to={link.to}>{link.text}</Go> : null}
        {told.length ? (
          <Table withRowBorders={false} verticalSpacing={4}>
            <Table.Tbody>
              {told.map(([name, value]) => (
                <Table.Tr key={name}>
                  <Table.Th scope="row" w={170} style={{ verticalAlign: "top" }}>
                    {fieldWords(name)}
                  </Table.Th>
                  <Table.Td>
                    {valueWords(value).map((line) => (
                      <Text key={line} size="sm" style={{ overflowWrap: "anywhere" }}>
                        {line}
                      </Text>
                    ))}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        ) : (
          <Text size="sm" c="var(--muted)">
            {t("The entry tells nothing more.")}
          </Text>
        )}
        <Table withRowBorders={false} verticalSpacing={4}>
          <Table.Tbody>
            <Line title={t("Entry")}>{String(entry.seq)}</Line>
            <Line title={t("Kind")}>{entry.action}</Line>
            <Line title={t("Subject")}>{entry.subject}</Line>
            {entry.address ? <Line title={t("Network address")}>{entry.address}</Line> : null}
            {entry.requestId ? <Line title={t("Request")}>{entry.requestId}</Line> : null}
            <Line title={t("Hash")}>{entry.hash}</Line>
          </Table.Tbody>
        </Table>
        <Group gap="xs">
          <Button variant="default" onClick={() => narrow({ actor: entry.actor })}>
            {t("Everything by the same person")}
          </Button>
          <Button variant="default" onClick={() => narrow({ subject: entry.subject })}>
            {t("Everything on the same thing")}
          </Button>
        </Group>
      </Stack>
    </SidePanel>
  );
}

function Line({ title, children }: { title: string; children: string }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" w={170} style={{ verticalAlign: "top" }}>
        {title}
      </Table.Th>
      <Table.Td>
        <Code style={{ overflowWrap: "anywhere" }}>{children}</Code>
      </Table.Td>
    </Table.Tr>
  );
}
