import { Anchor, Stack, Text } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { useLanguage } from "@/app/language";
import classes from "@/auth/Frame.module.css";
import { LANGUAGES, type Language } from "@/i18n";

/** A screen outside the console: one card, one question. */
export function SignInFrame({
  brand,
  title,
  lead,
  wide,
  children,
}: {
  brand?: string | undefined;
  title: string;
  lead?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}) {
  const { language, choose } = useLanguage();
  useEffect(() => {
    document.title = `${title} · ${brand ?? "Guerdon"}`;
  }, [title, brand]);
  return (
    <div className={classes.page}>
      <main className={`${classes.card} ${wide ? classes.wide : ""}`}>
        {brand ? <span className={classes.brand}>{brand}</span> : null}
        <h1 className={classes.title}>{title}</h1>
        {lead ? <div className={classes.lead}>{lead}</div> : null}
        <Stack mt="lg">{children}</Stack>
      </main>
      <footer className={classes.foot}>
        {(Object.entries(LANGUAGES) as [Language, string][]).map(([code, name]) =>
          code === language ? (
            <Text key={code} span inherit lang={code} aria-current="true" fw={600}>
              {name}
            </Text>
          ) : (
            <Anchor
              key={code}
              component="button"
              type="button"
              inherit
              lang={code}
              onClick={() => void choose(code)}
            >
              {name}
            </Anchor>
          ),
        )}
      </footer>
    </div>
  );
}

/** A line with a word between two ways in. */
export function Or({ children }: { children: ReactNode }) {
  return <div className={classes.or}>{children}</div>;
}
