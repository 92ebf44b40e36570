import { language, mark, t, td } from "@/i18n";
import { formatMoney, formatPoints } from "@/i18n/formats";
import type { Tone } from "@/ui/Values";

const STATE: Record<string, { words: string; tone: Tone }> = {
  held: { words: mark("Just placed"), tone: "info" },
  awaiting_payment: { words: mark("Waits for the payment"), tone: "warning" },
  authorised: { words: mark("Paid, not yet ordered"), tone: "info" },
  ordered: { words: mark("Sent to the supplier"), tone: "info" },
  confirmed: { words: mark("Confirmed"), tone: "accent" },
  shipped: { words: mark("On its way"), tone: "accent" },
  delivered: { words: mark("Delivered"), tone: "positive" },
  settled: { words: mark("Delivered and settled"), tone: "positive" },
  refused: { words: mark("Refused"), tone: "danger" },
  cancelled: { words: mark("Cancelled"), tone: "neutral" },
  expired: { words: mark("Never paid"), tone: "neutral" },
  returned: { words: mark("Returned"), tone: "neutral" },
};

export const STATES = Object.keys(STATE);
export const stateWords = (state: string): string => td(STATE[state]?.words ?? state);
export const stateTone = (state: string): Tone => STATE[state]?.tone ?? "neutral";

/** Why somebody is needed, and what to do. */
export function attentionWords(what: string): { title: string; todo: string } {
  switch (what) {
    case "order_unknown":
      return {
        title: t("Nobody knows whether the supplier has the order"),
        todo: t("Try again: the supplier is asked first, so that nothing is ordered twice."),
      };
    case "capture_failed":
      return {
        title: t("The money was reserved and could not be taken"),
        todo: t("Look at the payment at the provider, then try again."),
      };
    case "release_failed":
      return {
        title: t("Reserved money could not be let go"),
        todo: t("Look at the payment at the provider, then try again."),
      };
    case "payment_differs":
      return {
        title: t("The provider tells of another amount than was booked"),
        todo: t("Compare the amounts at the provider; then refund or ask the operator."),
      };
  }
  return { title: what, todo: t("Look at the timeline, then try again.") };
}

export function reasonWords(reason: string): string {
  const known: Record<string, string> = {
    member: t("the member cancelled it"),
    brand: t("the brand cancelled it"),
    declined: t("the payment was declined"),
    payment_expired: t("the payment did not come in time"),
    payment_cancelled: t("the payment was cancelled"),
    payment_amount_mismatch: t("another amount was paid than was due"),
    supplier_partial: t("the supplier had not all of it"),
    supplier_out_of_stock: t("the supplier has none left"),
    supplier_price_changed: t("the supplier's price has changed"),
    supplier_item_unavailable: t("the supplier does not sell it any more"),
    supplier_address_undeliverable: t("the supplier does not deliver there"),
  };
  return known[reason] ?? reason;
}

interface Step {
  kind: string;
  detail: Record<string, unknown>;
}

/** One entry of the timeline as a sentence. */
export function stepWords(step: Step, currency: string): string {
  const told = step.detail;
  const reason = reasonWords(String(told.reason ?? ""));
  const money = (key: string) => formatMoney({ minor: Number(told[key] ?? 0), currency });
  switch (step.kind) {
    case "placed":
      return Number(told.money ?? 0)
        ? t("Placed: {points} set aside, {money} due", {
            points: formatPoints(Number(told.points ?? 0)),
            money: money("money"),
          })
        : t("Placed: {points} set aside", { points: formatPoints(Number(told.points ?? 0)) });
    case "awaiting_payment":
      return t("The member was led to the payment page");
    case "authorised":
      return t("{money} reserved at the payment provider", { money: money("money") });
    case "ordered":
      return t("Sent to the supplier");
    case "supplier_refused":
      return t("The supplier refused it: {reason}", {
        reason: String(told.detail || "") || reasonWords(`supplier_${told.reason}`),
      });
    case "confirmed":
      return told.partial
        ? t("The supplier confirmed a part of it; points taken for that part")
        : t("The supplier confirmed it; points taken");
    case "captured":
      return t("Money taken");
    case "shipped":
      return told.trackingNumber
        ? t("Shipped by {carrier}, number {number}", {
            carrier: String(told.carrier ?? ""),
            number: String(told.trackingNumber),
          })
        : t("Shipped");
    case "delivered":
      return t("Delivered");
    case "settled":
      return t("Books closed: everything agrees with the provider");
    case "refunded":
      return Number(told.money ?? 0)
        ? t("Given back: {points} and {money} ({reason})", {
            points: formatPoints(Number(told.points ?? 0)),
            money: money("money"),
            reason,
          })
        : t("Given back: {points} ({reason})", {
            points: formatPoints(Number(told.points ?? 0)),
            reason,
          });
    case "refused":
      return t("Ended without a delivery: {reason}; everything goes back", { reason });
    case "cancelled":
      return t("Cancelled: {reason}; everything goes back", { reason });
    case "expired":
      return t("Ended: the payment did not come in time; everything goes back");
    case "money_released":
      return t("Reserved money let go");
    case "late_payment":
      return t("A payment came after the end; it is let go");
    case "attention":
      return attentionWords(String(told.what ?? "")).title;
    case "supplier_asked":
      return t("The supplier is being asked how far the parcels are");
  }
  return step.kind;
}

/** A step that was given up, in words. */
export function topicWords(topic: string): string {
  const known: Record<string, string> = {
    "redemption.checkout": t("Making the payment page"),
    "redemption.sync_payment": t("Asking the payment provider"),
    "redemption.payment_due": t("Ending an order that was not paid"),
    "redemption.release_payment": t("Letting reserved money go"),
    "redemption.order": t("Ordering at the supplier"),
    "redemption.capture": t("Taking the money"),
    "redemption.track": t("Asking for the parcels"),
    "redemption.settle": t("Closing the books"),
    "redemption.refund_payment": t("Giving money back"),
    "notifications.send": t("Writing to the member"),
  };
  return known[topic] ?? topic;
}

export function messageWords(kind: string): string {
  const known: Record<string, string> = {
    redemption_confirmed: t("Confirmation"),
    redemption_shipped: t("On its way"),
    redemption_delivered: t("Delivered"),
    redemption_refused: t("Refused"),
    redemption_cancelled: t("Cancelled"),
    redemption_expired: t("Never paid"),
    redemption_refunded: t("Refund"),
  };
  return known[kind] ?? kind;
}

const MESSAGE: Record<string, { words: string; tone: Tone }> = {
  queued: { words: mark("Waits to be sent"), tone: "info" },
  sent: { words: mark("Sent"), tone: "positive" },
  skipped: { words: mark("Not sent"), tone: "neutral" },
  failed: { words: mark("Failed"), tone: "danger" },
};
export const messageState = (state: string): string => td(MESSAGE[state]?.words ?? state);
export const messageTone = (state: string): Tone => MESSAGE[state]?.tone ?? "neutral";

const PARCEL: Record<string, string> = {
  preparing: mark("Being packed"),
  shipped: mark("Shipped"),
  in_transit: mark("On its way"),
  out_for_delivery: mark("With the carrier today"),
  delivered: mark("Delivered"),
  undeliverable: mark("Could not be delivered"),
  returned: mark("Went back"),
};
export const parcelWords = (state: string): string => td(PARCEL[state] ?? state);

const LEG: Record<string, string> = {
  none: mark("nothing"),
  held: mark("set aside"),
  posted: mark("taken"),
  voided: mark("given back"),
  due: mark("due"),
  open: mark("payment page open"),
  authorised: mark("reserved"),
  capturing: mark("being taken"),
  captured: mark("taken"),
  releasing: mark("being let go"),
  released: mark("let go"),
  sending: mark("being ordered"),
  placed: mark("ordered"),
  refused: mark("refused"),
  reserved: mark("reserved"),
  taken: mark("taken"),
  done: mark("given back"),
};
export const legWords = (leg: string): string => td(LEG[leg] ?? leg);

/** Points and money together; what is nothing is not said. */
export function amountWords(points: number, minor: number, currency: string): string {
  if (!minor) return formatPoints(points);
  const money = formatMoney({ minor, currency });
  return points ? t("{points} and {money}", { points: formatPoints(points), money }) : money;
}

/** What a line is called, in the reader's language or the one it was ordered in. */
export function titleOf(title: Record<string, string>): string {
  return title[language()] ?? Object.values(title)[0] ?? "";
}
