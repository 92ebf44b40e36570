import { t } from "@/i18n";

/** What kind of work a message asks for; a topic without words of its own shows its code. */
export function topicWords(topic: string): string {
  const words: Record<string, string> = {
    "billing.capture": t("Charging the plan"),
    "billing.collect": t("Collecting what is due"),
    "billing.look": t("Asking about a charge"),
    "billing.open_page": t("Opening the page to pay the plan"),
    "catalogue.import": t("Import of products"),
    "domain.event": t("Telling others of an event"),
    "domains.look_at_one": t("Looking at a domain"),
    "earning.expire_points": t("Expiry of points"),
    "identity.send_code": t("Code by mail"),
    "identity.send_staff_letter": t("Letter to the brand's people"),
    "ledger.expire_holds": t("Release of held points"),
    "members.welcome": t("Greeting of a new member"),
    "notifications.send": t("Letter or SMS to a member"),
    "recommendations.train": t("Training of a model"),
    "redemption.capture": t("Taking the money of an order"),
    "redemption.checkout": t("Page to pay an order"),
    "redemption.confirm_push": t("Answer to the supplier's push"),
    "redemption.order": t("Order at the supplier"),
    "redemption.package": t("News of a parcel"),
    "redemption.payment_due": t("End of the time to pay"),
    "redemption.refund_payment": t("Giving money back"),
    "redemption.release_payment": t("Release of a payment"),
    "redemption.settle": t("Closing the books of an order"),
    "redemption.sync_payment": t("Asking about a payment"),
    "redemption.track": t("Asking where a parcel is"),
    "simulation.run": t("Simulation"),
    "support.refresh_sheet": t("Figures for this console"),
    "support.take_pulse": t("Look at the brand's health"),
    "tenancy.make_export": t("Export of the brand"),
    "tenancy.remove_data": t("Removal of a closed brand"),
    "test_clock.walk": t("Moving the test clock"),
    "webhooks.deliver": t("Webhook"),
  };
  return words[topic] ?? topic;
}

/** An error as it was met, without the name of its class. */
export function errorWords(error: string): string {
  return error.replace(/^\w+: (?=\S)/, "") || t("No reason was given.");
}
