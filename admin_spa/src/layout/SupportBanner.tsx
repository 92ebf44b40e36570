import { Button, Group } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { LifeBuoy } from "lucide-react";
import { useEffect, useState } from "react";
import { Go } from "@/app/links";
import { type Me, useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { callPlatform } from "@/lib/http";
import { showProblem } from "@/ui/notices";
import classes from "./SupportBanner.module.css";
import { supportOptions } from "./standing";

const SECOND_MS = 1000;

/** Support at work: a frame and a clock for them; for the brand's people, who is in or asks. */
export function SupportBanner() {
  const me = useMe();
  if (me.brand.operator) return null;
  return me.support ? <AtWork support={me.support} /> : <Watched />;
}

function AtWork({ support }: { support: NonNullable<Me["support"]> }) {
  const brand = useBrand();
  const { brand: shown, name } = useMe();
  const queries = useQueryClient();
  const left = useSecondsLeft(support.endsAt);
  const over = left <= 0;
  useEffect(() => {
    if (over) void queries.invalidateQueries({ queryKey: ["me", brand] });
  }, [over, queries, brand]);
  const leave = async () => {
    try {
      await callPlatform("POST", `/tenants/${brand}/support/${support.accessId}/leave`);
      location.assign(`/platform/tenants/${brand}`);
    } catch (thrown) {
      showProblem(thrown);
    }
  };
  const clock = `${Math.floor(Math.max(0, left) / 60)}:${String(Math.max(0, left) % 60).padStart(2, "0")}`;
  return (
    <>
      <div className={classes.frame} aria-hidden />
      <div className={classes.banner} role="status" data-support>
        <Group gap="sm" wrap="wrap">
          <LifeBuoy aria-hidden size={18} />
          <strong>
            {support.writes
              ? t("Support access to {brand}: you may look and change", { brand: shown.name })
              : t("Support access to {brand}: you may look", { brand: shown.name })}
          </strong>
          <span>{`${name} · ${support.reason}`}</span>
          <span className="figures" role="timer" aria-label={t("Time left")}>
            {clock}
          </span>
          <Button size="compact-sm" variant="white" color="red" onClick={() => void leave()}>
            {t("Leave")}
          </Button>
        </Group>
      </div>
    </>
  );
}

function Watched() {
  const brand = useBrand();
  const found = useQuery(supportOptions(brand));
  const now = found.data?.items.find((one) => one.state === "open" || one.state === "asked");
  if (!now) return null;
  return (
    <div className={classes.note} role="status">
      <LifeBuoy aria-hidden size={18} />
      <span>
        {now.state === "open"
          ? t("{name} of the platform's support has access", { name: now.staffName })
          : t("{name} of the platform's support asks for access", { name: now.staffName })}
      </span>
      <Go to="/support">{t("See who and why")}</Go>
    </div>
  );
}

function useSecondsLeft(endsAt: string): number {
  const end = new Date(endsAt).getTime();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), SECOND_MS);
    return () => clearInterval(timer);
  }, []);
  return Math.ceil((end - now) / SECOND_MS);
}
