import { NumberInput, Textarea } from "@mantine/core";
import { t } from "@/i18n";
import { formatDateTime } from "@/i18n/formats";

const DAY_MS = 86_400_000;
const DAYS_MAX = 365;

/** The instant so many days from now; null for none. */
export function endOf(days: number | string): string | null {
  return days === "" ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
}

/** Why something is changed for a brand and, where it is the brand's own, for how many days. */
export function Reason({
  reason,
  setReason,
  days,
  setDays,
}: {
  reason: string;
  setReason: (reason: string) => void;
  days?: number | string;
  setDays?: (days: number | string) => void;
}) {
  const end = days === undefined ? null : endOf(days);
  return (
    <>
      <Textarea
        label={t("Reason")}
        description={t("The brand's people read it.")}
        required
        maxLength={500}
        autosize
        minRows={2}
        value={reason}
        onChange={(e) => setReason(e.currentTarget.value)}
      />
      {days !== undefined && setDays ? (
        <NumberInput
          label={t("For so many days")}
          description={
            end
              ? t("Until {at}, then as all others.", { at: formatDateTime(end) })
              : t("Leave it empty for no end.")
          }
          min={1}
          max={DAYS_MAX}
          allowDecimal={false}
          maw={340}
          value={days}
          onChange={setDays}
        />
      ) : null}
    </>
  );
}
