import { Alert, Button, Group, Modal, NumberInput, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { DeskMember, MemberAdjusted } from "@/api/types.gen";
import { useBrand } from "@/app/me";
import { t, tx } from "@/i18n";
import { formatNumber, formatPoints } from "@/i18n/formats";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { Field } from "@/ui/Field";
import { done } from "@/ui/notices";
import { Problem } from "@/ui/Problem";
import classes from "./Member.module.css";

const REASON_MIN = 3;
const MOST = 1_000_000_000_000;

/** Points by hand: what it comes to is said before, and whether another person has to approve. */
export function Adjust({ member, close }: { member: DeskMember; close: () => void }) {
  const brand = useBrand();
  const queries = useQueryClient();
  const [points, setPoints] = useState<number | string>("");
  const [reason, setReason] = useState("");
  // One dialog is one correction, however often the button is pressed.
  const [key] = useState(() => crypto.randomUUID());
  const n = Number(points) || 0;
  const before = member.balance.posted;
  const limit = member.adjustmentApprovalLimit;
  const waits = Math.abs(n) > limit;
  const short = n < 0 && -n > member.balance.available;
  const adjust = useMutation({
    mutationFn: () =>
      call<MemberAdjusted>("POST", `/${brand}/members/${member.id}/adjustments`, {
        body: { points: n, reason: reason.trim() },
        key: `${key}:${n}:${reason.length}`,
      }),
    onSuccess: (told) => {
      void queries.invalidateQueries({ queryKey: ["member", brand, member.id] });
      void queries.invalidateQueries({ queryKey: ["adjustments", brand] });
      void queries.invalidateQueries({ queryKey: ["members", brand] });
      done(
        told.posted === null
          ? t("Another person has to approve it; until then nothing changes.")
          : t("The balance is {points} now.", { points: formatPoints(told.posted) }),
      );
      close();
    },
    meta: { shown: true },
  });
  return (
    <Modal
      opened
      onClose={close}
      title={t("Correct points")}
      size="md"
      closeButtonProps={{ "aria-label": t("Close") }}
    >
      <form
        onSubmit={(e) => {
          e.preventDefault();
          adjust.mutate();
        }}
      >
        <Stack>
          <Field
            label={t("Points")}
            hint={t("With a minus to take points away.")}
            required
            error={asProblem(adjust.error).at("points")}
          >
            {(f) => (
              <NumberInput
                {...f}
                allowDecimal={false}
                thousandSeparator=" "
                min={-MOST}
                max={MOST}
                value={points}
                onChange={setPoints}
                data-autofocus
              />
            )}
          </Field>
          <Field
            label={t("Why")}
            hint={t("The member reads it in their history.")}
            required
            error={asProblem(adjust.error).at("reason")}
          >
            {(f) => (
              <Textarea
                {...f}
                autosize
                minRows={2}
                maxLength={500}
                value={reason}
                onChange={(e) => setReason(e.currentTarget.value)}
              />
            )}
          </Field>
          {n ? (
            <div aria-live="polite">
              <div className={classes.became}>
                <span className="figures">{formatNumber(before)}</span>
                <span aria-hidden>→</span>
                <span className="visually-hidden">{t("becomes")}</span>
                <span className="figures">{formatPoints(before + n)}</span>
              </div>
              <Text size="sm" c="var(--muted)">
                {waits
                  ? tx("Above {limit} another person has to approve it first.", {
                      limit: <b>{formatPoints(limit)}</b>,
                    })
                  : t("It counts at once; from {limit} on another person approves.", {
                      limit: formatPoints(limit + 1),
                    })}
              </Text>
            </div>
          ) : null}
          {short ? (
            <Alert color="orange" variant="light">
              {t("Only {points} can be taken: the rest is set aside or not there.", {
                points: formatPoints(member.balance.available),
              })}
            </Alert>
          ) : null}
          {adjust.error ? <Problem error={adjust.error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("Cancel")}
            </Button>
            <Button
              type="submit"
              loading={adjust.isPending}
              disabled={!n || short || reason.trim().length < REASON_MIN}
            >
              {waits ? t("Ask for approval") : t("Correct the balance")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
