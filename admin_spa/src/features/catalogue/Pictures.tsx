import { ActionIcon, Group, Image, Stack, TextInput, Tooltip } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { ArrowLeft, ArrowRight, ImagePlus, Trash2 } from "lucide-react";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { Drop } from "@/ui/Drop";
import { Problem } from "@/ui/Problem";
import { keepPicture, pictureUrl } from "./api";
import classes from "./Catalogue.module.css";
import type { Draft, Language, Picture } from "./product";

const MOST = 20;

/** Pictures in their order; the first stands in lists. */
export function Pictures({
  draft,
  set,
  reads,
}: {
  draft: Draft;
  set: (pictures: Picture[]) => void;
  reads: boolean;
}) {
  const brand = useBrand();
  const me = useMe();
  const names = Object.fromEntries(
    Object.entries(draft.texts).map(([language, text]) => [language, text?.name ?? ""]),
  );
  const add = useMutation({
    mutationFn: async (files: File[]) => {
      const kept: Picture[] = [];
      for (const file of files.slice(0, MOST - draft.pictures.length)) {
        kept.push({ file: (await keepPicture(brand, file)).name, alt: names });
      }
      return kept;
    },
    onSuccess: (kept) => set([...draft.pictures, ...kept]),
    meta: { shown: true },
  });
  const uploads = me.may("parameters:propose") && !reads;
  const move = (at: number, to: number) => {
    const next = [...draft.pictures];
    const [moved] = next.splice(at, 1);
    if (moved) next.splice(to, 0, moved);
    set(next);
  };
  const describe = (at: number, language: Language, text: string) =>
    set(
      draft.pictures.map((p, i) => (i === at ? { ...p, alt: { ...p.alt, [language]: text } } : p)),
    );
  return (
    <Stack>
      {draft.pictures.length ? (
        <ul className={classes.pictures}>
          {draft.pictures.map((picture, at) => (
            <li key={picture.file} className={classes.picture}>
              <Image
                src={pictureUrl(brand, picture.file)}
                alt={Object.values(picture.alt)[0] ?? ""}
                h={140}
                fit="contain"
              />
              <Stack gap="xs" p="xs">
                {me.brand.languages.slice(0, 3).map((language) => (
                  <TextInput
                    key={language}
                    size="xs"
                    label={t("What it shows ({language})", { language })}
                    maxLength={200}
                    value={picture.alt[language as Language] ?? ""}
                    onChange={(e) => describe(at, language as Language, e.currentTarget.value)}
                  />
                ))}
                <Group justify="space-between">
                  <Group gap={4}>
                    <Small
                      label={t("Move forward")}
                      disabled={at === 0}
                      onClick={() => move(at, at - 1)}
                    >
                      <ArrowLeft size={16} />
                    </Small>
                    <Small
                      label={t("Move back")}
                      disabled={at === draft.pictures.length - 1}
                      onClick={() => move(at, at + 1)}
                    >
                      <ArrowRight size={16} />
                    </Small>
                  </Group>
                  <Small
                    label={t("Remove this picture")}
                    danger
                    onClick={() => set(draft.pictures.filter((_, i) => i !== at))}
                  >
                    <Trash2 size={16} />
                  </Small>
                </Group>
              </Stack>
            </li>
          ))}
        </ul>
      ) : null}
      {uploads ? (
        <Drop
          icon={ImagePlus}
          invitation={
            draft.pictures.length
              ? t("Drop more pictures here")
              : t("Members look first: drop a picture here")
          }
          act={t("Choose pictures")}
          limits={t("PNG, JPEG, WebP or SVG, at most 5 MB each")}
          accept="image/png,image/jpeg,image/webp,image/svg+xml"
          multiple
          busy={add.isPending}
          disabled={draft.pictures.length >= MOST}
          take={(files) => add.mutate(files)}
        />
      ) : null}
      {add.error ? <Problem error={add.error} /> : null}
    </Stack>
  );
}

function Small({
  label,
  danger,
  disabled,
  onClick,
  children,
}: {
  label: string;
  danger?: boolean;
  disabled?: boolean;
  onClick: () => void;
  children: React.ReactNode;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color={danger ? "red" : "gray"}
        aria-label={label}
        disabled={disabled ?? false}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
