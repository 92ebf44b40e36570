import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CheckCircle2, Circle, CircleAlert, CircleHelp } from "lucide-react";
import { useState } from "react";
import type { BrandLife, LifePoint } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { Go } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { formatDate } from "@/i18n/formats";
import { stateWords } from "@/layout/tenantState";
import { call } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { Card, Page } from "@/ui/Page";
import { State, type Tone } from "@/ui/Values";
import classes from "./Brand.module.css";
import { Closing } from "./Closing";
import { pointWords } from "./points";
import { useLifeStep } from "./useLifeStep";

const TONES: Record<string, Tone> = {
  live: "positive",
  sandbox: "info",
  pending: "info",
  past_due: "danger",
  suspended: "danger",
  closing: "warning",
};

/** Where the brand stands: what is missing to go live, and how it ends. */
export function Brand() {
  return (
    <Guarded permission="brand:read" title={t("Your brand")}>
      <Life />
    </Guarded>
  );
}

function Life() {
  const brand = useBrand();
  const me = useMe();
  const found = useQuery({
    queryKey: ["life", brand],
    queryFn: () => call<BrandLife>("GET", `/${brand}/life`),
  });
  const life = found.data;
  return (
    <Page
      title={t("Your brand")}
      lead={t("Where it stands, what is missing to go live, and how it ends.")}
      badge={
        life ? (
          <State tone={TONES[life.state] ?? "neutral"}>
            {stateWords(me.brand.environment, life.state)}
          </State>
        ) : undefined
      }
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
    >
      {life ? (
        <Stack gap="lg">
          {life.state === "sandbox" || life.state === "pending" ? <GoLive life={life} /> : null}
          <Checklist life={life} />
          <Closing life={life} />
          {me.may("brand:export") ? (
            <Card
              title={t("Take everything away")}
              lead={t("Members, points, orders, parameters and files in one file of your own.")}
            >
              <Go to="/brand/export" size="sm">
                {t("Exports")}
              </Go>
            </Card>
          ) : null}
        </Stack>
      ) : null}
    </Page>
  );
}

function GoLive({ life }: { life: BrandLife }) {
  const me = useMe();
  const confirm = useConfirm();
  const [pointsOnly, setPointsOnly] = useState(false);
  const step = useLifeStep<{ pointsOnly: boolean }>("go-live", t("The brand is live."));
  const asks = life.points.some((one) => one.state === "confirm");
  const open = life.points.filter((one) => one.required && one.state === "open").length;
  const go = async () => {
    const yes = await confirm({
      title: t("Go live with {brand}?", { brand: me.brand.name }),
      consequence: t(
        "Members join, earn and redeem for real from now on. A live brand does not become a sandbox again.",
      ),
      act: t("Go live"),
    });
    if (yes) step.mutate({ pointsOnly });
  };
  return (
    <Card title={t("Go live")}>
      <Stack gap="sm">
        <Text size="sm">
          {open
            ? t("Close the open points below first.")
            : t("Nothing required is open. Members can be let in.")}
        </Text>
        {asks ? (
          <Checkbox
            checked={pointsOnly}
            onChange={(event) => setPointsOnly(event.currentTarget.checked)}
            label={t("Members pay with points only, and that is meant")}
          />
        ) : null}
        {me.may("brand:manage") ? (
          <Group>
            <Button
              onClick={() => void go()}
              loading={step.isPending}
              disabled={!life.ready || (asks && !pointsOnly)}
            >
              {t("Go live")}
            </Button>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            {t("An owner of the brand takes it live.")}
          </Text>
        )}
      </Stack>
    </Card>
  );
}

function Checklist({ life }: { life: BrandLife }) {
  const required = life.points.filter((one) => one.required);
  const advice = life.points.filter((one) => !one.required);
  const met = required.filter((one) => one.state === "done").length;
  return (
    <>
      <Card
        title={t("Needed to be live")}
        lead={t("{met} of {all} are met. Each is looked up in what is really there.", {
          met,
          all: required.length,
        })}
      >
        <Points of={required} />
      </Card>
      <Card title={t("Good to have")}>
        <Points of={advice} />
      </Card>
      <Text size="sm" c="dimmed">
        {t("In this state since {day}.", { day: formatDate(life.since) })}
      </Text>
    </>
  );
}

function Points({ of }: { of: LifePoint[] }) {
  return (
    <ul className={classes.points}>
      {of.map((one) => {
        const words = pointWords(one);
        return (
          <li key={one.code}>
            <Mark of={one} />
            <div>
              <Text fw={600}>{words.title}</Text>
              <div className={classes.what}>{words.what}</div>
            </div>
            {one.state === "done" ? null : (
              <Go
                to={`/${one.screen}`}
                size="sm"
                aria-label={t("Go there: {what}", { what: words.title })}
              >
                {t("Go there")}
              </Go>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Mark({ of }: { of: LifePoint }) {
  const [Icon, look, told] =
    of.state === "done"
      ? [CheckCircle2, classes.done, t("Met")]
      : of.state === "confirm"
        ? [CircleHelp, classes.advice, t("To confirm")]
        : of.required
          ? [CircleAlert, classes.open, t("Not met yet")]
          : [Circle, classes.advice, t("Not met yet")];
  return (
    <span className={`${classes.mark} ${look}`}>
      <Icon size={20} role="img" aria-label={told} />
    </span>
  );
}
