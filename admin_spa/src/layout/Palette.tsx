import "@mantine/spotlight/styles.layer.css";
import { Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Spotlight } from "@mantine/spotlight";
import { useQueries } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useState } from "react";
import { useGo } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { useBasket } from "@/basket/useBasket";
import { t, td } from "@/i18n";
import { menuFor } from "./menu";
import "./finders";
import { findersFor } from "./palette";
import { plain } from "./settingsFinder";

/** Screens, commands, parameters, and what features find at the server. */
export default function Palette({ opened, close }: { opened: boolean; close: () => void }) {
  const [query, setQuery] = useState("");
  const [settled] = useDebouncedValue(query.trim(), 160);
  const brand = useBrand();
  const me = useMe();
  const go = useGo();
  const basket = useBasket();
  const items = menuFor(me.may, me.brand.operator);
  const screens = items.flatMap((item) => [
    { ...item, above: "" },
    ...(item.children ?? []).map((c) => ({ ...c, above: item.title })),
  ]);
  const wanted = plain(query.trim());
  // A title that begins with what was typed, then one that has it, then what stands around it.
  const rank = (item: (typeof screens)[number]) => {
    const title = plain(td(item.title));
    if (title.startsWith(wanted)) return 0;
    if (title.includes(wanted)) return 1;
    const around = `${item.above ? td(item.above) : ""} ${item.title} ${item.words ?? ""}`;
    return plain(around).includes(wanted) ? 2 : 3;
  };
  const matching = screens.filter((s) => rank(s) < 3).sort((a, b) => rank(a) - rank(b));
  const finders = settled.length >= 2 ? findersFor(me.may) : [];
  const answers = useQueries({
    queries: finders.map((f) => ({
      queryKey: ["palette", brand, f.id, settled],
      queryFn: ({ signal }: { signal: AbortSignal }) => f.find(brand, settled, signal),
      staleTime: 30_000,
    })),
  });
  const lead = (to: string) => {
    close();
    setQuery("");
    void go(to);
  };
  const waiting = answers.some((a) => a.isFetching) || settled !== query.trim();
  const nothing = !matching.length && answers.every((a) => !a.data?.length);
  // Keys scroll it, so that it takes the focus; the list's own types leave this property out.
  const viewport = { tabIndex: 0, role: "region", "aria-label": t("Results") };
  return (
    <Spotlight.Root
      forceOpened={opened}
      onSpotlightClose={close}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      attributes={{ content: { "aria-label": t("Search and commands") } }}
    >
      <Spotlight.Search
        placeholder={t("A screen, a setting, a member, an order …")}
        aria-label={t("Search")}
        leftSection={<Search size={18} aria-hidden />}
      />
      <Spotlight.ActionsList mah="60vh" {...({ viewportProps: viewport } as object)}>
        {matching.length ? (
          <Spotlight.ActionsGroup label={t("Screens")}>
            {matching.map(({ to, title, above, icon: Icon }) => (
              <Spotlight.Action
                key={to + title}
                label={td(title)}
                description={above ? td(above) : ""}
                leftSection={<Icon size={18} strokeWidth={1.8} aria-hidden />}
                onClick={() => lead(to)}
              />
            ))}
          </Spotlight.ActionsGroup>
        ) : null}
        {answers.map((answer, i) => {
          const finder = finders[i];
          if (!finder || !answer.data?.length) return null;
          return (
            <Spotlight.ActionsGroup key={finder.id} label={td(finder.group)}>
              {answer.data.map((found) => (
                <Spotlight.Action
                  key={found.id}
                  label={found.title}
                  description={found.hint ?? ""}
                  onClick={() => lead(found.to)}
                />
              ))}
            </Spotlight.ActionsGroup>
          );
        })}
        {me.may("parameters:propose") && !wanted ? (
          <Spotlight.ActionsGroup label={t("Commands")}>
            <Spotlight.Action
              label={t("Open the change basket")}
              onClick={() => {
                close();
                basket.open();
              }}
            />
          </Spotlight.ActionsGroup>
        ) : null}
        {nothing ? (
          <Spotlight.Empty>
            <Text size="sm">{waiting ? t("Searching …") : t("Nothing found")}</Text>
          </Spotlight.Empty>
        ) : null}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
