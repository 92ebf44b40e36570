import { Badge, Tooltip } from "@mantine/core";
import { t } from "@/i18n";

/** How far a change of a field reaches. */
export function RiskBadge({ risk }: { risk: string | undefined }) {
  if (risk !== "high" && risk !== "medium") return null;
  return (
    <Tooltip
      label={
        risk === "high"
          ? t("A change here reaches members' points or money at once.")
          : t("A change here is noticed by members.")
      }
    >
      <Badge
        size="xs"
        variant="light"
        tt="none"
        fw={500}
        color={risk === "high" ? "red" : "yellow"}
      >
        {risk === "high" ? t("High risk") : t("Medium risk")}
      </Badge>
    </Tooltip>
  );
}
