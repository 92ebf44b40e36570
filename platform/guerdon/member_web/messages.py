"""Every refusal's code in plain words. A code that is not listed gets a general sentence."""

from collections.abc import Mapping
from typing import NamedTuple

from guerdon.kit.errors import GuerdonError
from guerdon.theming.translations import Translator


class Told(NamedTuple):
    """What an error page says."""

    title: str
    text: str
    safe: str | None = None
    action_label: str | None = None
    action_url: str | None = None
    symbol: str = "info"


def explain(code: str, status: int, params: Mapping[str, object], words: Translator) -> Told:
    """The page for a refusal."""
    _ = words.text
    nothing_taken = _("No points and no money were taken.")
    home = (_("Go to the first page"), "/")
    catalogue = (_("See the catalogue"), "/catalogue")
    match code:
        case "not_found" | "member_not_found" | "unknown_connection":
            return Told(
                _("This page is not here"),
                _("The address may be old or mistyped, or the thing is no longer offered."),
                None,
                *home,
                symbol="search",
            )
        case "product_unavailable":
            return Told(
                _("No longer offered"),
                _("This reward has left the catalogue. There may be something like it."),
                nothing_taken,
                *catalogue,
                symbol="gift",
            )
        case "quote_expired" | "quote_used" | "quote_unknown" | "price_changed":
            return Told(
                _("This price is no longer held"),
                _("A price is held for a while only. Choose the reward again to get a fresh one."),
                nothing_taken,
                *catalogue,
                symbol="clock",
            )
        case "out_of_stock":
            return Told(
                _("Somebody was faster"),
                _("The last one has just gone. Your points stay where they are."),
                nothing_taken,
                *catalogue,
                symbol="gift",
            )
        case "not_enough_points":
            return Told(
                _("Not enough points"),
                _("Your balance does not cover this. A mix with more money may work."),
                nothing_taken,
                *catalogue,
                symbol="coins",
            )
        case "money_too_small" | "money_too_large" | "points_share":
            return Told(
                _("That mix is not possible"),
                _("Choose another position of the slider: the money part has a smallest amount."),
                nothing_taken,
                *catalogue,
                symbol="sliders",
            )
        case "payment_not_configured":
            return Told(
                _("Points only for now"),
                _("The programme takes no money at the moment. Choose to pay the whole in points."),
                nothing_taken,
                *catalogue,
                symbol="coins",
            )
        case "outcome_unknown" | "payment_outcome_unknown" | "request_in_flight":
            return Told(
                _("Still under way"),
                _("We do not know yet how this ended. Look at your orders before you try again."),
                _("Whatever happens, it happens once."),
                _("See my orders"),
                "/orders",
                symbol="clock",
            )
        case "too_late_to_cancel" | "redemption_state":
            return Told(
                _("It is too late for that"),
                _("The order has moved on. You can see where it stands in your orders."),
                None,
                _("See my orders"),
                "/orders",
                symbol="truck",
            )
        case "payment_unavailable" | "provider_unavailable" | "outside_unavailable" | "unavailable":
            return Told(
                _("Just a moment"),
                _("A part of our service does not answer right now. Try again in a minute."),
                nothing_taken,
                *home,
                symbol="clock",
            )
        case "maintenance":
            return Told(
                _("We are working on it"),
                _("Nothing can be changed for a moment. You can look at everything meanwhile."),
                _("Your points are safe."),
                *home,
                symbol="hourglass",
            )
        case "cross_site":
            return Told(
                _("This form is too old"),
                _("Go back, load the page again and repeat the last step."),
                _("Nothing was changed."),
                *home,
                symbol="undo",
            )
        case "quota_reached":
            return Told(
                _("The programme takes nothing new at the moment"),
                _("Its owners know. Try again in a few days."),
                _("What you have stays yours: no points and no money were taken."),
                *home,
                symbol="clock",
            )
        case "rate_limited":
            return Told(
                _("A little slower, please"),
                _("There were many tries in a short time. Wait a moment and try again."),
                _("Nothing was changed."),
                *home,
                symbol="clock",
            )
        case "step_up_required":
            return Told(
                _("Please confirm that it is you"),
                _("For this step we ask you to sign in again. It protects your data."),
                None,
                _("Sign in again"),
                "/sign-in?again=1",
                symbol="lock",
            )
        case "sso_refused":
            return Told(
                _("That sign-in did not work"),
                _("The other service did not confirm who you are. Try again or use your mail."),
                None,
                _("Sign in"),
                "/sign-in",
                symbol="key",
            )
        case "already_linked":
            return Told(
                _("That sign-in belongs to another account"),
                _("Sign in with it to use that account, or use your mail address here."),
                None,
                _("Sign in"),
                "/sign-in",
                symbol="key",
            )
        case "member_not_active" | "account_closed":
            return Told(
                _("This account is closed"),
                _("Write to us if you think that this is a mistake."),
                None,
                *home,
                symbol="lock",
            )
        case "preview_read_only" | "read_only":
            return Told(
                _("Nothing can be changed in a preview"),
                _("This is how the step begins. In the live programme it would go on."),
                _("Nothing was changed."),
                *home,
                symbol="lock",
            )
        case "preview_page":
            return Told(
                _("Not part of the preview"),
                _("This page shows a member's own data, and a preview has no real member."),
                None,
                *home,
                symbol="lock",
            )
        case "preview_link":
            return Told(
                _("This preview is over"),
                _("Its link works for an hour, and only until the change is published."),
                None,
                _("Leave the preview"),
                "/preview/exit",
                symbol="clock",
            )
        case "invalid_parameters":
            return Told(
                _("The draft has an error"),
                _("Until it is mended in the console, there is nothing to look at."),
                None,
                _("Leave the preview"),
                "/preview/exit",
                symbol="warning",
            )
        case "tenant_pending":
            return Told(
                _("Opening soon"),
                _("The programme is being set up. Come back in a while."),
                symbol="hourglass",
            )
        case "tenant_state":
            return Told(
                _("The programme is closing"),
                _("Nobody can join any more. Members use their points until the last day."),
                None,
                *home,
                symbol="hourglass",
            )
        case "switched_off":
            return Told(
                _("This is not open at the moment"),
                _("The programme has stopped it for a while. Everything else goes on."),
                _("Your points are safe."),
                *home,
                symbol="hourglass",
            )
        case "tenant_suspended":
            return Told(
                _("We will be back"),
                _("The programme is paused for a while. You do not have to do anything."),
                _("Your points are safe and keep their dates."),
                symbol="hourglass",
            )
        case "too_large" | "bad_form" | "invalid":
            return Told(
                _("We could not read that"),
                _("The form came in a way that we do not understand. Go back and try again."),
                _("Nothing was changed."),
                *home,
                symbol="file",
            )
    if status < 500:
        return Told(
            _("That did not work"),
            _("It is not possible in this way. Go back and look at what you entered."),
            _("Nothing was changed."),
            *home,
            symbol="info",
        )
    return Told(
        _("Something broke on our side"),
        _("It is not your fault, and we have been told. Try again in a few minutes."),
        _("Your points are safe: a step either happens whole or not at all."),
        *home,
        symbol="warning",
    )


def field_message(error: GuerdonError, words: Translator) -> str:
    """The sentence beside a form field."""
    _ = words.text
    params = error.params
    match error.code, params.get("reason"):
        case "address_invalid", "required":
            return _("Please fill this in.")
        case "address_missing", _any:
            return _("Please fill this in.")
        case "address_invalid", _any:
            if params.get("example"):
                return _(
                    "This does not fit the country. An example: %(example)s",
                    example=params["example"],
                )
            return _("This does not fit the country.")
        case "weak_password", "length":
            return _(
                "A password has %(low)s to %(high)s characters.",
                low=params.get("min"),
                high=params.get("max"),
            )
        case "weak_password", _any:
            return _("This password is among the first that are guessed. Take a longer sentence.")
        case "code_refused", _any:
            return _("This code does not work. Check the last mail, or ask for a new code.")
        case "sign_in_refused", _any:
            return _("Mail address or password is not right.")
        case "email_taken", _any:
            return _("There is an account with this mail address. Sign in instead.")
        case "terms_not_accepted", _any:
            return _("Accept the terms to join.")
        case "rate_limited", _any:
            return _("There were many tries in a short time. Wait a moment and try again.")
        case "too_many_addresses", _any:
            return _("Your address book is full. Remove one first.")
        case "erasure_blocked", _any:
            return _("An order is still under way. It has to end first.")
        case "points_share", _any:
            return _("Choose a position between the fewest and the most points.")
    if params.get("reason") == "required":
        return _("Please fill this in.")
    match error.field:
        case "email":
            return _("Type a mail address, like ana@example.org.")
        case "phone":
            return _("Type the number with its country code, like +55 11 91234-5678.")
        case "name" | "recipient":
            return _("Type a name of at most 120 characters.")
        case "code":
            return _("Type the code from the mail.")
    return explain(error.code, error.status, params, words).text
