import { Alert, Button, List, Text } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { t } from "@/i18n";
import { asProblem, faultName } from "@/lib/problem";
import { explain } from "./explain";

/** A failed call in its place: what happened and what to do. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = asProblem(error);
  const { title, what } = explain(problem);
  return (
    <Alert
      role="alert"
      color="red"
      variant="light"
      title={title}
      icon={<TriangleAlert aria-hidden size={20} />}
    >
      <Text size="sm">{what}</Text>
      {problem.body.errors?.length ? (
        <List size="sm" mt="xs">
          {problem.body.errors.map((e) => (
            <List.Item key={`${faultName(e)}${e.detail}`}>
              {faultName(e) ? <b>{faultName(e)}: </b> : null}
              {e.detail}
            </List.Item>
          ))}
        </List>
      ) : null}
      {retry ? (
        <Button size="xs" variant="default" mt="sm" onClick={retry}>
          {t("Try again")}
        </Button>
      ) : null}
    </Alert>
  );
}
