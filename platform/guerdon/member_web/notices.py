"""Short messages after an action, named in the address that follows it."""

from guerdon.member_web.views.frame import Notice
from guerdon.theming.translations import Translator


def notice_named(name: str | None, words: Translator) -> Notice | None:
    """The notice of this name; an unknown name says nothing."""
    _ = words.text
    match name:
        case "saved":
            return Notice("positive", _("Saved"))
        case "offer_dismissed":
            return Notice("positive", _("The offer is put away"))
        case "address_saved":
            return Notice("positive", _("The address is saved"))
        case "address_removed":
            return Notice("positive", _("The address is removed"))
        case "password_saved":
            return Notice("positive", _("Your password is set"))
        case "session_ended":
            return Notice("positive", _("That device is signed out"))
        case "signed_out":
            return Notice("positive", _("You are signed out"))
        case "welcome":
            return Notice(
                "positive", _("Welcome! You are a member now"), _("Your points start here.")
            )
        case "cancelled":
            return Notice(
                "positive", _("The order is cancelled"), _("Everything comes back to you.")
            )
        case "expired":
            return Notice(
                "info",
                _("Your session has ended"),
                _("Sign in again to go on. Your points and orders are as you left them."),
            )
        case "renewed":
            return Notice("info", _("The price lock is renewed"), _("Nothing has changed."))
        case "price_changed":
            return Notice(
                "warning",
                _("The price has changed"),
                _("Please look at the new numbers before you go on."),
            )
        case "erased":
            return Notice(
                "positive", _("Your data is erased"), _("Thank you for your time with us.")
            )
        case _:
            return None
