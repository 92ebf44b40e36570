/** The sections of the programme, and what the draft changes in each. */

import { Badge, SimpleGrid, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Guarded } from "@/app/frames";
import { Go } from "@/app/links";
import { useBrand } from "@/app/me";
import { useBasket } from "@/basket/useBasket";
import { t, tn } from "@/i18n";
import { call } from "@/lib/http";
import { Card, Page } from "@/ui/Page";
import { isIn } from "./form/Node";
import { titleOf } from "./layout";

interface Answer {
  version: number;
  sections: Record<string, { title: string; area: string; built: boolean; description: string }>;
}

const ORDER = [
  "programme",
  "branding",
  "points",
  "tiers",
  "catalogue",
  "recommendations",
  "payments",
  "fulfilment",
  "notifications",
  "members",
  "security",
  "integrations",
];

export function Programme() {
  return (
    <Guarded permission="parameters:read" title={t("Programme")}>
      <Sections />
    </Guarded>
  );
}

function Sections() {
  const brand = useBrand();
  const basket = useBasket();
  const query = useQuery({
    queryKey: ["parameters", brand],
    queryFn: () => call<Answer>("GET", `/${brand}/parameters`),
  });
  const there = query.data?.sections ?? {};
  const names = [
    ...ORDER.filter((n) => n in there),
    ...Object.keys(there).filter((n) => !ORDER.includes(n)),
  ];
  return (
    <Page
      title={t("Programme")}
      lead={query.data ? t("Version {n} is in force.", { n: query.data.version }) : null}
      loading={query.isPending}
      error={query.error}
      retry={() => void query.refetch()}
    >
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {names.map((name) => {
          const edits = basket.edits.filter((e) => isIn(e.path, name)).length;
          return (
            <Card
              key={name}
              title={
                <Go to={name === "recommendations" ? "/recommendations" : `/programme/${name}`}>
                  {titleOf(name)}
                </Go>
              }
              actions={
                edits ? (
                  <Badge variant="light">{tn("{n} change", "{n} changes", edits)}</Badge>
                ) : there[name]?.built === false ? (
                  <Badge variant="light" color="gray">
                    {t("Not in use yet")}
                  </Badge>
                ) : null
              }
            >
              <Text size="sm" c="var(--muted)">
                {there[name]?.description}
              </Text>
            </Card>
          );
        })}
      </SimpleGrid>
    </Page>
  );
}
