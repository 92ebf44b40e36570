import { SimpleGrid, Text } from "@mantine/core";
import { Go } from "@/app/links";
import { useMe } from "@/app/me";
import { t, td } from "@/i18n";
import { menuFor } from "@/layout/menu";
import { Card, Page } from "@/ui/Page";

/** Where to go from the menu's heading. */
export function Integrations() {
  const me = useMe();
  const items =
    menuFor(me.may, me.brand.operator).find((item) => item.to === "/integrations")?.children ?? [];
  return (
    <Page
      title={t("Integrations")}
      lead={t("What your own systems call us with, and what we call other accounts with.")}
    >
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {items.map((item) => (
          <Card key={item.to}>
            <Go to={item.to}>
              <item.icon size={20} aria-hidden />{" "}
              <Text component="span" fw={600}>
                {td(item.title)}
              </Text>
            </Go>
          </Card>
        ))}
      </SimpleGrid>
    </Page>
  );
}
