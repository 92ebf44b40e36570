import { Button, FileButton, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { ImageOff, Trash2, Upload } from "lucide-react";
import { useRef } from "react";
import { useBrand } from "@/app/me";
import { t } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { send } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import type { FieldBinding } from "@/ui/Field";
import classes from "./form.module.css";

interface Stored {
  name: string;
  kind: string;
  bytes: number;
  width: number | null;
  height: number | null;
}

const BYTES_MAX = 5_000_000;
const TAKEN = "image/png,image/jpeg,image/webp,image/svg+xml";

export function fileUrl(brand: string, name: string): string {
  return `/api/admin/v1/${brand}/files/${name}`;
}

async function upload(brand: string, file: File): Promise<Stored> {
  const response = await send(`/api/admin/v1/${brand}/files`, {
    method: "POST",
    headers: { "content-type": file.type || "application/octet-stream" },
    body: file,
  });
  return (await response.json()) as Stored;
}

/** A stored picture: shown, replaced, taken away. */
export function FileField({
  f,
  path,
  value,
  disabled,
  put,
}: {
  f: FieldBinding;
  path: string;
  value: string;
  disabled: boolean;
  put: (name: string) => void;
}) {
  const brand = useBrand();
  const reset = useRef<() => void>(null);
  const sending = useMutation({
    mutationFn: (file: File) => {
      if (file.size > BYTES_MAX) {
        throw new Error(
          t("A picture has at most {max} MB; this file has {size} MB.", {
            max: formatNumber(BYTES_MAX / 1e6),
            size: formatNumber(file.size / 1e6, { maximumFractionDigits: 1 }),
          }),
        );
      }
      return upload(brand, file);
    },
    onSuccess: (stored) => put(stored.name),
    onSettled: () => reset.current?.(),
    meta: { shown: true },
  });
  const problem = sending.error ? asProblem(sending.error) : null;
  return (
    <Stack gap={8}>
      <Group gap="md" align="center" wrap="nowrap">
        <div className={classes.picture} data-empty={!value || undefined}>
          {value ? (
            <img src={fileUrl(brand, value)} alt={t("The picture as it is stored")} />
          ) : (
            <ImageOff aria-hidden size={20} />
          )}
        </div>
        <Stack gap={6}>
          <Group gap="xs">
            <FileButton
              resetRef={reset}
              onChange={(file) => file && sending.mutate(file)}
              accept={TAKEN}
              disabled={disabled}
              inputProps={{ "aria-label": t("Choose a picture") }}
            >
              {(props) => (
                <Button
                  {...props}
                  id={f.id}
                  aria-describedby={f["aria-describedby"]}
                  data-path={path}
                  variant="default"
                  size="xs"
                  leftSection={<Upload size={14} aria-hidden />}
                  loading={sending.isPending}
                  disabled={disabled}
                >
                  {value ? t("Replace …") : t("Choose a picture …")}
                </Button>
              )}
            </FileButton>
            {value && !disabled ? (
              <Button
                variant="subtle"
                color="gray"
                size="xs"
                leftSection={<Trash2 size={14} aria-hidden />}
                onClick={() => put("")}
              >
                {t("Take away")}
              </Button>
            ) : null}
          </Group>
          <Text size="xs" c="var(--muted)">
            {t("PNG, JPEG, WebP or SVG of at most {max} MB.", {
              max: formatNumber(BYTES_MAX / 1e6),
            })}
          </Text>
        </Stack>
      </Group>
      {problem ? (
        <Text size="sm" c="var(--danger)" role="alert">
          {problem.body.detail ?? problem.message}
        </Text>
      ) : null}
    </Stack>
  );
}
