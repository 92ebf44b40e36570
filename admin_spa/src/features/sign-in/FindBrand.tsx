import { Alert, Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Building2 } from "lucide-react";
import { useEffect, useState } from "react";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { Problem } from "@/ui/Problem";
import { brandOf, useNext } from "./next";
import { SignInFrame } from "./SignInFrame";

interface Home {
  brand: string;
  slug: string;
  title: string;
  startUrl: string;
}

function leaveFor(slug: string, next: string): void {
  const query = next ? `?next=${encodeURIComponent(next)}` : "";
  location.assign(`/${slug}/sign-in${query}`);
}

/** Which brand does somebody work for? Their work e-mail tells, or the brand's own address. */
export function FindBrand() {
  const next = useNext();
  const known = brandOf(next);
  useEffect(() => {
    if (known) leaveFor(known, next);
  }, [known, next]);
  const [given, setGiven] = useState("");
  const [unknown, setUnknown] = useState("");
  const find = useMutation({
    mutationFn: async (text: string): Promise<Home[]> => {
      if (!text.includes("@")) {
        await call("GET", `/sign-in/${encodeURIComponent(text.toLowerCase())}`);
        leaveFor(text.toLowerCase(), "");
        return [];
      }
      const found = await call<{ items: Home[] }>("POST", "/sign-in/discover", {
        body: { email: text },
      });
      const [only, ...others] = found.items;
      if (only && !others.length) location.assign(only.startUrl);
      if (!only) setUnknown(text);
      return found.items;
    },
    meta: { shown: true },
  });
  const problem = find.error ? asProblem(find.error) : null;
  const missing = problem?.status === 404;
  if (known) return null;
  return (
    <SignInFrame
      title={t("Sign in to the console")}
      lead={t("Your work e-mail leads to your company's sign-in.")}
    >
      {(find.data?.length ?? 0) > 1 ? (
        find.data?.map((home) => (
          <Button
            key={home.startUrl}
            variant="default"
            size="md"
            leftSection={<Building2 size={18} aria-hidden />}
            onClick={() => location.assign(home.startUrl)}
          >
            {home.brand} · {home.title}
          </Button>
        ))
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            setUnknown("");
            if (given.trim()) find.mutate(given.trim());
          }}
        >
          {problem && !missing ? <Problem error={problem} /> : null}
          {unknown ? (
            <Alert color="blue" variant="light" mb="md" role="status">
              {t(
                "No company sign-in is set up for this e-mail. If you have a password or a passkey, enter the brand's short name instead: it stands in the address of its site.",
              )}
            </Alert>
          ) : null}
          <TextInput
            label={t("Work e-mail or the brand's short name")}
            size="md"
            autoComplete="username"
            required
            autoFocus
            value={given}
            error={
              missing ? t("No brand has this short name. Check the address of its site.") : null
            }
            onChange={(e) => setGiven(e.currentTarget.value)}
          />
          <Button type="submit" size="md" fullWidth mt="md" loading={find.isPending}>
            {t("Continue")}
          </Button>
        </form>
      )}
    </SignInFrame>
  );
}
