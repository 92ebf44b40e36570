import { Button, Group, NumberInput, Select, Stack, Text, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Announcements } from "@/api/types.gen";
import { LANGUAGES, type Language, t } from "@/i18n";
import { formatDateTime } from "@/i18n/formats";
import { callPlatform } from "@/lib/http";
import { done } from "@/ui/notices";
import { Problem } from "@/ui/Problem";
import { LEVELS, levelWords } from "./words";

const HOUR_MS = 3_600_000;
const HOURS_MAX = 2160;
const TEXT_MAX = 500;

/** One text in each language of the console, from when, and for how long. */
export function AnnouncementForm({
  told,
  close,
}: {
  told: (answer: Announcements) => void;
  close: () => void;
}) {
  const [level, setLevel] = useState<string>("info");
  const [texts, setTexts] = useState<Record<Language, string>>({ en: "", "pt-BR": "", es: "" });
  const [begins, setBegins] = useState<number | string>(0);
  const [lasts, setLasts] = useState<number | string>(24);
  const from = new Date(Date.now() + Number(begins || 0) * HOUR_MS);
  const until = new Date(from.getTime() + Number(lasts || 0) * HOUR_MS);
  const save = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      callPlatform<Announcements>("POST", "/announcements", {
        body: {
          level,
          texts: { en: texts.en, pt: texts["pt-BR"], es: texts.es },
          fromAt: from.toISOString(),
          untilAt: until.toISOString(),
        },
      }),
    onSuccess: (answer) => {
      done(t("Every brand's console tells it."));
      told(answer);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="sm" maw={720}>
        <Select
          label={t("How urgent")}
          maw={280}
          allowDeselect={false}
          value={level}
          onChange={(value) => setLevel(value ?? "info")}
          data={LEVELS.map((value) => ({ value, label: levelWords(value).text }))}
        />
        {(Object.keys(LANGUAGES) as Language[]).map((one) => (
          <Textarea
            key={one}
            label={t("Text in {language}", { language: LANGUAGES[one] })}
            required
            maxLength={TEXT_MAX}
            autosize
            minRows={2}
            lang={one}
            value={texts[one]}
            onChange={(e) => {
              const text = e.currentTarget.value;
              setTexts((all) => ({ ...all, [one]: text }));
            }}
          />
        ))}
        <Group align="flex-end">
          <NumberInput
            label={t("Begins in hours")}
            required
            min={0}
            max={HOURS_MAX}
            w={160}
            value={begins}
            onChange={setBegins}
          />
          <NumberInput
            label={t("Stands for hours")}
            required
            min={1}
            max={HOURS_MAX}
            w={160}
            value={lasts}
            onChange={setLasts}
          />
        </Group>
        <Text size="sm" c="var(--muted)">
          {t("From {from} until {until}.", {
            from: formatDateTime(from.toISOString()),
            until: formatDateTime(until.toISOString()),
          })}
        </Text>
        {save.error ? <Problem error={save.error} /> : null}
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t("Tell every brand")}
          </Button>
          <Button variant="default" onClick={close}>
            {t("Cancel")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
