import { Anchor, Breadcrumbs, Container, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { Go } from "@/app/links";
import { t } from "@/i18n";
import classes from "./Page.module.css";
import { Problem } from "./Problem";

export interface Crumb {
  title: string;
  to?: string;
}

export interface PageProps {
  title: string;
  /** One sentence below the title, where the title alone leaves a question. */
  lead?: ReactNode;
  /** Where one came from: `[{title: t("Orders"), to: "/orders"}]`. */
  crumbs?: Crumb[];
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  /** Beside the title: a state. */
  badge?: ReactNode;
  /** Tables and boards use the whole width; forms and letters read better in a column. */
  width?: "full" | "wide" | "column";
  /** Pass a query's state and the page shows waiting and failing by itself. */
  loading?: boolean;
  error?: unknown;
  retry?: () => void;
  children?: ReactNode;
}

const WIDTH = { full: "100%", wide: 1120, column: 760 };

/** A screen: its title is the document's, its heading takes the focus after a change of screen. */
export function Page({
  title,
  lead,
  crumbs,
  actions,
  badge,
  width = "wide",
  loading,
  error,
  retry,
  children,
}: PageProps) {
  useEffect(() => {
    document.title = `${title} · Guerdon`;
  }, [title]);
  return (
    <Container size={WIDTH[width]} px={0} className={classes.page}>
      {crumbs?.length ? (
        <Breadcrumbs
          component="nav"
          aria-label={t("Where you are")}
          mb={6}
          className={classes.crumbs}
        >
          {crumbs.map((c) =>
            c.to ? (
              <Go key={c.title} to={c.to} size="sm" c="var(--muted)">
                {c.title}
              </Go>
            ) : (
              <Text key={c.title} size="sm" c="var(--muted)">
                {c.title}
              </Text>
            ),
          )}
        </Breadcrumbs>
      ) : null}
      <Group justify="space-between" align="flex-start" gap="sm" mb="lg" className={classes.head}>
        <div className={classes.titles}>
          <Group gap="sm" wrap="wrap">
            <Title order={1} id="screen-title" tabIndex={-1} className={classes.title}>
              {title}
            </Title>
            {badge}
          </Group>
          {lead ? (
            <Text c="var(--muted)" mt={4} maw={720} component="div">
              {lead}
            </Text>
          ) : null}
        </div>
        {actions ? <Group gap="xs">{actions}</Group> : null}
      </Group>
      {error ? (
        <Problem error={error} {...(retry ? { retry } : {})} />
      ) : loading ? (
        <Waiting />
      ) : (
        children
      )}
    </Container>
  );
}

/** Grey lines, shown only when an answer takes longer than a moment. */
export function Waiting({ lines = 4 }: { lines?: number }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200);
    return () => clearTimeout(timer);
  }, []);
  if (!late) return <div aria-busy="true" style={{ minHeight: lines * 40 }} />;
  return (
    <Stack gap="sm" role="status" aria-busy="true" aria-label={t("Loading")}>
      {Array.from({ length: lines }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are alike
        <Skeleton key={i} height={28} radius="sm" width={`${100 - ((i * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

/** A titled part of a page on a raised surface. */
export function Card({
  title,
  lead,
  actions,
  children,
  flush,
}: {
  title?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
  /** No padding around the content: for tables. */
  flush?: boolean;
}) {
  return (
    <section className={classes.card}>
      {title || actions ? (
        <Group justify="space-between" align="flex-start" className={classes.cardHead}>
          <div>
            {title ? <Title order={2}>{title}</Title> : null}
            {lead ? (
              <Text size="sm" c="var(--muted)" mt={2}>
                {lead}
              </Text>
            ) : null}
          </div>
          {actions}
        </Group>
      ) : null}
      <div className={flush ? classes.flush : classes.cardBody}>{children}</div>
    </section>
  );
}

/** A link to somewhere outside this console. */
export function Outside({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Anchor href={href} target="_blank" rel="noreferrer">
      {children}
      <span className="visually-hidden"> {t("(opens in a new tab)")}</span>
    </Anchor>
  );
}
