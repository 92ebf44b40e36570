/** A purchase to try: where to, from when to when, with how many. */

import { Group, NumberInput, Switch, TextInput } from "@mantine/core";
import { t } from "@/i18n";

export interface Journey {
  from: string;
  to: string;
  out: string;
  back: string;
  people: number;
  bag: boolean;
}

export const NO_JOURNEY: Journey = { from: "", to: "", out: "", back: "", people: 1, bag: false };

/** As the API takes it; null while it is not whole, so that the latest purchase counts. */
export function ticketOf(told: Journey): unknown {
  const place = /^[A-Z0-9]{2,12}$/;
  if (!place.test(told.from) || !place.test(told.to) || !told.out) return null;
  const leg = (origin: string, destination: string, day: string) => ({
    origin,
    destination,
    departsOn: day,
    arrivesOn: day,
    bagsIncluded: told.bag ? 1 : 0,
  });
  const segments = [leg(told.from, told.to, told.out)];
  if (told.back) segments.push(leg(told.to, told.from, told.back));
  return {
    kind: "itinerary",
    segments,
    passengers: Array.from({ length: told.people }, () => ({ type: "adult" })),
  };
}

export function SlateContext({
  told,
  onChange,
}: {
  told: Journey;
  onChange: (change: Partial<Journey>) => void;
}) {
  return (
    <Group gap="xs" align="flex-end">
      <TextInput
        size="sm"
        w={110}
        label={t("From")}
        placeholder="GRU"
        maxLength={12}
        value={told.from}
        onChange={(e) => onChange({ from: e.currentTarget.value.toUpperCase() })}
      />
      <TextInput
        size="sm"
        w={110}
        label={t("To")}
        placeholder="LIS"
        maxLength={12}
        value={told.to}
        onChange={(e) => onChange({ to: e.currentTarget.value.toUpperCase() })}
      />
      <TextInput
        size="sm"
        type="date"
        label={t("Leaves on")}
        value={told.out}
        onChange={(e) => onChange({ out: e.currentTarget.value })}
      />
      <TextInput
        size="sm"
        type="date"
        label={t("Comes back on")}
        value={told.back}
        onChange={(e) => onChange({ back: e.currentTarget.value })}
      />
      <NumberInput
        size="sm"
        w={90}
        label={t("People")}
        min={1}
        max={9}
        clampBehavior="strict"
        allowDecimal={false}
        value={told.people}
        onChange={(n) => onChange({ people: Number(n) || 1 })}
      />
      <Switch
        mb={8}
        label={t("The fare has a bag")}
        checked={told.bag}
        onChange={(e) => onChange({ bag: e.currentTarget.checked })}
      />
    </Group>
  );
}
