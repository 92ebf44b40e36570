import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { EmailDomainList } from "@/api/types.gen";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { Card } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { DomainRow } from "./DomainRow";

/** E-mail domains that the brand proves to be its own. */
export function Domains() {
  const brand = useBrand();
  const me = useMe();
  const client = useQueryClient();
  const key = ["email-domains", brand];
  const found = useQuery({
    queryKey: key,
    queryFn: () => call<EmailDomainList>("GET", `/${brand}/email-domains`),
  });
  const [domain, setDomain] = useState("");
  const claim = useMutation({
    mutationFn: () => call("POST", `/${brand}/email-domains`, { body: { domain } }),
    onSuccess: async () => {
      setDomain("");
      await client.invalidateQueries({ queryKey: key });
    },
    meta: { shown: true },
  });
  const problem = claim.error ? asProblem(claim.error) : null;
  return (
    <Card
      title={t("E-mail domains")}
      lead={t(
        "A proved domain leads whoever types such an address to your sign-in, and lets your provider's word for it count.",
      )}
    >
      <Stack>
        {found.error ? <Problem error={found.error} retry={() => void found.refetch()} /> : null}
        {found.data?.items.map((one) => (
          <DomainRow
            key={one.domain}
            of={one}
            at={`/${brand}/email-domains/${one.domain}`}
            manage={me.may("connections:manage")}
            refresh={() => client.invalidateQueries({ queryKey: key })}
            lapsing={t("Unless the text is back, the domain stops counting:")}
            givenUp={t(
              "Addresses of this domain no longer lead to your sign-in, and your provider's word for them no longer counts.",
            )}
          />
        ))}
        {me.may("connections:manage") ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              claim.mutate();
            }}
          >
            {problem && !problem.at("domain") ? <Problem error={problem} /> : null}
            <Group align="flex-end">
              <TextInput
                label={t("Domain of your e-mail addresses")}
                placeholder="brand.example"
                value={domain}
                maxLength={253}
                required
                error={problem?.at("domain")}
                onChange={(e) => setDomain(e.currentTarget.value)}
                flex={1}
                miw={200}
              />
              <Button type="submit" variant="default" loading={claim.isPending}>
                {t("Add the domain")}
              </Button>
            </Group>
          </form>
        ) : null}
      </Stack>
    </Card>
  );
}
