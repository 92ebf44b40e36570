import { Alert, Text } from "@mantine/core";
import { CircleAlert, Hourglass } from "lucide-react";
import { useMe } from "@/app/me";
import { stateNotice } from "./tenantState";

/** What the brand's state means and what to do about it, on every screen, where there is any. */
export function StateBanner() {
  const { brand } = useMe();
  const notice = stateNotice(brand.status, brand.statusEndsAt, brand.programmeNow);
  if (!notice) return null;
  const Icon = notice.urgent ? CircleAlert : Hourglass;
  return (
    <Alert
      role="status"
      mb="lg"
      color={notice.urgent ? "red" : "yellow"}
      variant="light"
      title={notice.title}
      icon={<Icon aria-hidden size={20} />}
    >
      <Text size="sm">{notice.what}</Text>
    </Alert>
  );
}
