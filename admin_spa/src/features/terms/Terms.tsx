import {
  Alert,
  Button,
  Checkbox,
  Group,
  SegmentedControl,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Scale } from "lucide-react";
import { useState } from "react";
import type { PlatformTerms, TermsAcceptance } from "@/api/types.gen";
import { useBrand, useMe } from "@/app/me";
import { LANGUAGES, type Language, language, languageName, t } from "@/i18n";
import { formatDateUtc } from "@/i18n/formats";
import { call } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { done } from "@/ui/notices";
import { Card, Page } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { When } from "@/ui/Values";

/** The platform's terms for brands: to read, to accept, and who accepted which. */
export function Terms() {
  const brand = useBrand();
  const [shown, setShown] = useState<Language>(language());
  const found = useQuery({
    queryKey: ["terms", brand, shown],
    queryFn: () => call<PlatformTerms>("GET", `/${brand}/terms?language=${shown}`),
    placeholderData: (before) => before,
  });
  const terms = found.data;
  return (
    <Page
      title={t("Terms of the platform")}
      lead={
        terms
          ? t("Version {version}, in force from {day}.", {
              version: terms.version,
              day: formatDateUtc(terms.effectiveAt),
            })
          : undefined
      }
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
    >
      {terms ? (
        <Stack gap="lg">
          <Card title={t("What it says")}>
            <Stack gap="md">
              <SegmentedControl
                aria-label={t("Language of the text")}
                value={shown}
                onChange={(next) => setShown(next as Language)}
                data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
              />
              <div lang={terms.language}>
                {terms.parts.map((part) => (
                  <section key={part.heading}>
                    <Title order={3} size="h5" mt="sm">
                      {part.heading}
                    </Title>
                    <Text size="sm">{part.text}</Text>
                  </section>
                ))}
              </div>
            </Stack>
          </Card>
          {terms.asked ? <Asked terms={terms} key={`${terms.version} ${terms.language}`} /> : null}
          <Card title={t("What was accepted")}>
            <DataTable
              id="terms"
              label={t("What was accepted")}
              columns={columns()}
              rows={terms.accepted}
              rowKey={(one) => one.version}
              empty={
                <EmptyState title={t("No version was accepted here")} icon={Scale}>
                  {t(
                    "The platform's operator set this brand up: what you agreed with them holds, and nobody is asked.",
                  )}
                </EmptyState>
              }
            />
          </Card>
        </Stack>
      ) : null}
    </Page>
  );
}

function Asked({ terms }: { terms: PlatformTerms }) {
  const brand = useBrand();
  const me = useMe();
  const client = useQueryClient();
  const [read, setRead] = useState(false);
  const accept = useMutation({
    mutationFn: () =>
      call<PlatformTerms>("POST", `/${brand}/terms/accept`, {
        body: { version: terms.version, language: terms.language },
      }),
    onSuccess: async (answer) => {
      client.setQueryData(["terms", brand, answer.language], answer);
      done(t("The terms are accepted."));
      await client.invalidateQueries({ queryKey: ["notices", brand] });
    },
  });
  const day = formatDateUtc(terms.effectiveAt);
  return (
    <Card title={t("Accept for {brand}", { brand: me.brand.name })}>
      <Stack gap="md">
        <Alert color={terms.due ? "red" : "yellow"} variant="light" icon={<Scale aria-hidden />}>
          {terms.due
            ? t(
                "Since {day} the console takes no change until an owner has accepted. Looking, orders, the till, exports and closing the brand go on, and members notice nothing.",
                { day },
              )
            : t(
                "From {day} on the console takes no change until an owner has accepted. Looking, orders, the till, exports and closing the brand go on, and members notice nothing.",
                { day },
              )}
        </Alert>
        {me.may("brand:manage") ? (
          <>
            <Checkbox
              checked={read}
              onChange={(event) => setRead(event.currentTarget.checked)}
              label={t("I have read version {version} and accept it for {brand}", {
                version: terms.version,
                brand: me.brand.name,
              })}
            />
            {accept.error ? <Problem error={accept.error} /> : null}
            <Group>
              <Button disabled={!read} loading={accept.isPending} onClick={() => accept.mutate()}>
                {t("Accept the terms")}
              </Button>
            </Group>
          </>
        ) : (
          <Text size="sm">
            {terms.owners.length
              ? t("One of these people has to accept it: {names}.", {
                  names: terms.owners.join(", "),
                })
              : t("An owner of the brand has to accept it.")}
          </Text>
        )}
      </Stack>
    </Card>
  );
}

function columns(): Column<TermsAcceptance>[] {
  return [
    {
      key: "version",
      title: t("Version"),
      width: "minmax(100px, 1fr)",
      phone: "title",
      render: (one) => one.version,
      value: (one) => one.version,
    },
    {
      key: "by",
      title: t("Who"),
      width: "minmax(160px, 2fr)",
      render: (one) => one.acceptedBy,
      value: (one) => one.acceptedBy,
    },
    {
      key: "at",
      title: t("When"),
      width: "minmax(140px, 1fr)",
      render: (one) => <When at={one.acceptedAt} />,
      value: (one) => one.acceptedAt,
    },
    {
      key: "language",
      title: t("Language"),
      width: "minmax(100px, 1fr)",
      render: (one) => languageName(one.language),
      value: (one) => languageName(one.language),
    },
  ];
}
