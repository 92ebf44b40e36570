import { Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { t } from "@/i18n";
import { asProblem } from "@/lib/problem";
import { Card, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import classes from "./form/form.module.css";

/** A drawing beside the fields: grey while it is worked out anew, and why when it cannot be. */
export function Effect<T>({
  title,
  lead,
  query,
  actions,
  flush,
  height = 200,
  children,
}: {
  title: ReactNode;
  lead?: ReactNode;
  query: UseQueryResult<T>;
  actions?: ReactNode;
  flush?: boolean;
  /** About what the drawing takes, kept free until it is there: what follows stays in its place. */
  height?: number;
  children: (effect: T) => ReactNode;
}) {
  const { data, error, isFetching } = query;
  const inset = flush ? classes.inset : undefined;
  const unsound = error && asProblem(error).code === "invalid_parameters";
  return (
    <Card title={title} lead={lead} {...(actions ? { actions } : {})} {...(flush ? { flush } : {})}>
      {unsound ? (
        <div role="status" className={inset}>
          <Text size="sm">{t("This is drawn again as soon as the draft holds together:")}</Text>
          {findingsOf(error).map((message) => (
            <Text key={message} size="sm" c="var(--danger)">
              {message}
            </Text>
          ))}
        </div>
      ) : error ? (
        <div className={inset}>
          <Problem error={error} retry={() => void query.refetch()} />
        </div>
      ) : data === undefined ? (
        <div key="waiting" className={inset} style={{ minHeight: height }}>
          <Waiting lines={5} />
        </div>
      ) : (
        <div key="drawn" className={isFetching ? classes.stale : undefined} aria-busy={isFetching}>
          {children(data)}
        </div>
      )}
    </Card>
  );
}

function findingsOf(error: unknown): string[] {
  const { body } = asProblem(error);
  const told = Array.isArray(body.findings) ? (body.findings as { message: string }[]) : [];
  return told.length ? told.map((one) => one.message) : [body.detail ?? body.title];
}
