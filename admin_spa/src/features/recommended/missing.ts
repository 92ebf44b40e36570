/** Why something has no place in a slate, and what a score is made of. A test holds every code of
 * the engine against these. */

import type { TriedMissing } from "@/api/types.gen";
import { mark, td } from "@/i18n";

export const WHY: Record<string, string> = {
  // A version's parameters.
  kind_off: mark("Its kind is switched off."),
  kind_not_yet: mark("Its kind begins on {from}."),
  kind_over: mark("Its kind ended on {ended}."),
  kind_weightless: mark("Its kind has weight 0."),
  kind_not_eligible: mark("The rule of its kind does not let this member in: {rule}"),
  kind_rule_broken: mark("The rule of its kind cannot be read: {said}"),
  kind_rule_failed: mark("The rule of its kind cannot be answered: {said}"),
  kind_shown_out: mark("Its kind was shown {times} times, as often as it may be."),
  off: mark("It is switched off."),
  not_yet: mark("It begins on {from}."),
  over: mark("It ended on {ended}."),
  weightless: mark("Its weight is 0."),
  not_eligible: mark("Its rule does not let this member in: {rule}"),
  rule_broken: mark("Its rule cannot be read: {said}"),
  rule_failed: mark("Its rule cannot be answered: {said}"),
  no_variant: mark("None of its variants is open to this member."),
  variant_closed: mark("The variant {variant} is closed to this member."),
  unknown_offer: mark("The parameters have no such offer."),
  not_here: mark("Its kind does not stand at this placement."),
  // What happened so far.
  expired: mark("What it rests on ended on {at}."),
  too_old: mark("It is older than {days} days."),
  dismissed: mark("The member sent it away; it may come back on {back}."),
  fatigue: mark("The member saw it {times} times within {days} days."),
  member_cap: mark("The member saw it {times} times, as often as one may."),
  shown_out: mark("It was shown {times} times, as often as it may be."),
  day_cap: mark("It was shown {times} times today, as often as it may be."),
  taken_out: mark("It was taken up {times} times, as often as it may be."),
  // The slate itself.
  category_cap: mark("The slate has {most} of the category {category} already."),
  no_slot: mark("No slot was left for it."),
  // Cards, clubs, products.
  not_pre_approved: mark("No bank has approved this member for it."),
  variant_not_offered: mark("The bank approved {variant}, which the offer does not have."),
  no_package: mark("It has no package."),
  points_worth_nothing: mark("The programme says of no point what it is worth."),
  another_is_better: mark("Another package brings this member more."),
  not_offered: mark("Its product cannot be had now."),
  out_of_reach: mark("At {points} points it is out of this member's reach."),
  // What was bought.
  no_purchase: mark("The member bought nothing that it could follow from."),
  journey_over: mark("What was bought is over."),
  other_purchase: mark("It does not follow from such a purchase."),
  already_bought: mark("It was bought already."),
  no_ticket: mark("There is no ticket."),
  departed: mark("The flight has left."),
  bag_included: mark("The fare has a bag."),
  seat_chosen: mark("Everybody has a seat."),
  no_journey: mark("There is no journey."),
  already_insured: mark("They are insured already."),
  already_begun: mark("The journey has begun."),
  no_destination: mark("There is no destination to stay at."),
  no_return: mark("It is not known until when they stay."),
  same_day_return: mark("They come back on the same day."),
  stay_over: mark("The stay is over."),
  already_staying: mark("They have somewhere to stay."),
  too_young: mark("Nobody is {age} years old."),
  too_short: mark("They stay {there} days; it takes {needed}."),
  unknown_place: mark("The place {place} is not known."),
  no_airport: mark("{place} has no airport."),
  no_parks_near: mark("There are no parks near {place}."),
  no_port_near: mark("There is no port near {place}."),
};

export const PARTS: Record<string, string> = {
  abroad: mark("abroad"),
  approved: mark("approved"),
  baseline: mark("baseline"),
  children: mark("with children"),
  days: mark("days to spend"),
  ending: mark("ending soon"),
  external: mark("external model"),
  fit: mark("fit"),
  gain: mark("gain"),
  nights: mark("nights"),
  offered: mark("offered"),
  package: mark("package"),
  people: mark("people"),
  rank: mark("rank"),
  within_reach: mark("within reach"),
};

export function whyWords(one: TriedMissing): string {
  return td(WHY[one.code] ?? one.code, one.params);
}

export function partWords(name: string): string {
  return td(PARTS[name] ?? name);
}
