import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { BrandLife } from "@/api/types.gen";
import { useMe } from "@/app/me";
import { t } from "@/i18n";
import { formatDate, formatMoney, formatNumber, formatPoints } from "@/i18n/formats";
import { Card } from "@/ui/Page";
import classes from "./Brand.module.css";
import { useLifeStep } from "./useLifeStep";

/** What an end would mean in numbers, beginning it, and taking it back. */
export function Closing({ life }: { life: BrandLife }) {
  const me = useMe();
  const [asking, setAsking] = useState<"close" | "keep" | null>(null);
  const closing = life.state === "closing";
  const may = me.may("brand:manage") && life.ways.length > 0;
  const stake = life.atStake;
  const open =
    may && closing ? (
      <Button onClick={() => setAsking("keep")}>{t("Take the closing back")}</Button>
    ) : may && life.ways.includes("closing") ? (
      <Button variant="default" color="red" onClick={() => setAsking("close")}>
        {t("Close the brand")}
      </Button>
    ) : null;
  return (
    <Card
      title={closing ? t("The brand is closing") : t("If the brand is to close")}
      lead={
        closing
          ? t("Members spend until {day}. Until then it can be taken back.", {
              day: formatDate(stake.lastDay),
            })
          : t("If it began today, members could spend until {day}.", {
              day: formatDate(stake.lastDay),
            })
      }
    >
      <Stack gap="md">
        <dl className={classes.facts}>
          <Fact label={t("Members")} value={formatNumber(stake.members)} />
          <Fact label={t("They hold")} value={formatPoints(stake.points)} />
          <Fact label={t("Worth")} value={formatMoney(stake.liability)} />
          <Fact label={t("Open orders")} value={formatNumber(stake.openOrders)} />
        </dl>
        {open ? <Group>{open}</Group> : null}
      </Stack>
      {asking ? <Ask life={life} what={asking} close={() => setAsking(null)} /> : null}
    </Card>
  );
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Ask({
  life,
  what,
  close,
}: {
  life: BrandLife;
  what: "close" | "keep";
  close: () => void;
}) {
  const me = useMe();
  const [slug, setSlug] = useState("");
  const [reason, setReason] = useState("");
  const closing = what === "close";
  const step = useLifeStep<{ slug?: string; reason: string }>(
    what,
    closing ? t("The brand is closing.") : t("The brand goes on."),
  );
  const good = reason.trim().length > 0 && (!closing || slug.trim() === me.brand.slug);
  const go = () =>
    step.mutate(closing ? { slug: slug.trim(), reason } : { reason }, { onSuccess: close });
  return (
    <Modal
      opened
      onClose={close}
      title={
        closing
          ? t("Close {brand}?", { brand: me.brand.name })
          : t("Go on with {brand}?", { brand: me.brand.name })
      }
      closeButtonProps={{ "aria-label": t("Close") }}
    >
      <Stack>
        <Text size="sm">
          {closing
            ? t(
                "{members} members who hold {points} can spend until {day}. Nobody joins and no points are credited any more; what is left then is lost to them. {orders} orders are open.",
                {
                  members: formatNumber(life.atStake.members),
                  points: formatPoints(life.atStake.points),
                  day: formatDate(life.atStake.lastDay),
                  orders: formatNumber(life.atStake.openOrders),
                },
              )
            : t("The brand stands again where it stood before: members join and earn.")}
        </Text>
        <Textarea
          label={t("Reason")}
          description={t("Owners read it in a mail, and it stands in the audit trail.")}
          value={reason}
          maxLength={500}
          required
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {closing ? (
          <TextInput
            label={t("Type {slug} to close it", { slug: me.brand.slug })}
            value={slug}
            required
            onChange={(event) => setSlug(event.currentTarget.value)}
          />
        ) : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("Cancel")}
          </Button>
          <Button
            {...(closing ? { color: "red" } : {})}
            disabled={!good}
            loading={step.isPending}
            onClick={go}
          >
            {closing ? t("Close the brand") : t("Take the closing back")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
