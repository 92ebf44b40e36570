/** The member site itself with the draft, on a phone and on a desk. */

import { Button, Group, SegmentedControl, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useBrand, useMe } from "@/app/me";
import { useBasket } from "@/basket/useBasket";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { Card, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import classes from "./branding.module.css";

const DEVICES = { phone: [390, 800], desktop: [1280, 800] } as const;
type Device = keyof typeof DEVICES;

export function SitePreview() {
  const brand = useBrand();
  const { may } = useMe();
  const basket = useBasket();
  const [device, setDevice] = useState<Device>("phone");
  const link = useQuery({
    queryKey: ["preview", brand, basket.revision],
    queryFn: () =>
      call<{ url: string }>("POST", `/${brand}/change-sets/${basket.id}/preview`, { body: {} }),
    enabled: basket.id !== null && may("simulation:run"),
    retry: false,
    staleTime: 10 * 60_000,
  });
  if (!may("simulation:run")) return null;
  return (
    <Card
      title={t("The site with the draft")}
      actions={
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            value={device}
            onChange={(next) => setDevice(next as Device)}
            aria-label={t("Device of the preview")}
            data={[
              { value: "phone", label: t("Phone") },
              { value: "desktop", label: t("Desktop") },
            ]}
          />
          {link.data ? (
            <Button
              component="a"
              href={link.data.url}
              target="_blank"
              rel="noreferrer"
              size="xs"
              variant="default"
              leftSection={<ExternalLink size={14} aria-hidden />}
            >
              {t("Open in a tab")}
            </Button>
          ) : null}
        </Group>
      }
    >
      {basket.id === null ? (
        <Text size="sm" c="var(--muted)">
          {t("Change something, and the site is shown here as members would see it.")}
        </Text>
      ) : link.error ? (
        <Problem error={link.error} retry={() => void link.refetch()} />
      ) : link.data ? (
        <Frame url={link.data.url} device={device} />
      ) : (
        <Waiting lines={6} />
      )}
    </Card>
  );
}

/** A page drawn at the device's width and scaled into what room there is. */
function Frame({ url, device }: { url: string; device: Device }) {
  const box = useRef<HTMLDivElement>(null);
  const page = useRef<HTMLIFrameElement>(null);
  const [width, height] = DEVICES[device];
  useEffect(() => {
    const room = box.current;
    if (!room) return;
    const resize = () => {
      const scale = room.clientWidth / width;
      const frame = page.current;
      if (!frame) return;
      frame.style.width = `${width}px`;
      frame.style.height = `${Math.max(height, room.clientHeight / scale)}px`;
      frame.style.transform = `scale(${scale})`;
    };
    resize();
    const watch = new ResizeObserver(resize);
    watch.observe(room);
    return () => watch.disconnect();
  }, [width, height]);
  return (
    <div className={classes.frame} data-device={device} ref={box}>
      <iframe
        ref={page}
        src={url}
        title={
          device === "phone"
            ? t("The site with the draft on a phone")
            : t("The site with the draft")
        }
        sandbox="allow-scripts allow-same-origin allow-forms"
      />
    </div>
  );
}
