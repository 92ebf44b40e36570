"""Refusals in the reader's language: beside a field, and as a page."""

from typing import Any, NamedTuple

from guerdon.kit.errors import GuerdonError
from guerdon.theming.translations import Translator


class FieldError(NamedTuple):
    """A message beside the field at fault."""

    field: str
    message: str


class Told(NamedTuple):
    """What an error page says."""

    title: str
    text: str
    action_label: str
    action_url: str


def field_errors(error: GuerdonError, t: Translator) -> tuple[FieldError, ...]:
    """A refusal as a message beside its field."""
    field = (error.field or "").rsplit("/", 1)[-1].rsplit(".", 1)[-1]
    return (FieldError(field, field_message(error, t)),)


def field_message(error: GuerdonError, t: Translator) -> str:
    """The refusal in one sentence that says what to do."""
    reason = str(error.params.get("reason") or "")
    match error.code, reason:
        case "name_refused", _:
            return _name_message(reason, t)
        case "company_refused", "tax_id" if error.params.get("called"):
            return t.text(
                "This is no %(called)s. One looks like this: %(example)s.",
                called=error.params["called"], example=error.params["example"],
            )  # fmt: skip
        case "company_refused", "tax_id":
            return t.text("A tax number has 4 to 20 letters and digits.")
        case "company_refused", _:
            return t.text("Choose a country from the list.")
        case "code_refused", _:
            return t.text("This code is wrong or too old. Look at the newest mail, or ask again.")
        case "platform_terms", _:
            return t.text("Please read and accept the terms.")
        case "rate_limited", _:
            return t.text(
                "That was often in a short time. Try again in %(minutes)s minutes.",
                minutes=max(1, -(-int(error.retry_after_s or 60) // 60)),
            )
        case "picture_too_large", _:
            return t.text(
                "The picture is too large. At most 5 MB and 40 million pixels are taken: save it"
                " smaller and choose it again."
            )
        case "not_a_picture", _:
            return t.text(
                "This is not a picture that we can take. Choose a PNG, JPEG, WebP or SVG."
            )
        case "import_file", _:
            return t.text("The file cannot be read: %(reason)s", reason=error.detail)
        case "signup_file", _:
            return t.text("No product of this file can be taken. The lines below tell why.")
        case "upload_too_large", _:
            return t.text("The file is too large.")
        case "supplier_busy", _:
            return t.text("That was often in a short time. Wait half a minute and search again.")
        case (("supplier_unavailable" | "supplier_refused"), _):
            return t.text(
                "The supplier does not answer at present. Search again in a minute, or choose"
                " another start: the console searches as well."
            )
        case _, "picks":
            return t.text(
                "At most %(max)s products are taken here. Take some out; the console takes more.",
                max=error.params.get("max"),
            )
        case _, "pick_none":
            return t.text("Search, and tick what you want; or choose another start.")
        case _, "pick_gone":
            return t.text("The supplier does not show one of these any more. Search again.")
        case _, "pick_restricted":
            return t.text("The supplier does not sell one of these to you. Choose another.")
        case _, "required":
            return t.text("This is needed.")
        case _, "length":
            return t.text("At most %(max)s characters.", max=error.params.get("max"))
        case _, "control":
            return t.text("There are characters in it that cannot be seen. Type it anew.")
        case _, "number":
            return t.text("Type a number, such as 10 or 0.5.")
        case _, "range":
            return t.text("Type a number above 0 and up to %(max)s.", max=error.params.get("max"))
        case _, "generosity":
            return t.text(
                "A purchase would give back more than it was. Ask more points for a reward, or give"
                " fewer."
            )
        case _, "colour":
            return t.text("Type a colour as # and six digits, such as #2f5d50.")
    if error.field == "email":
        return t.text("This is not a mail address. One looks like name@company.com.")
    if error.field == "logo":
        return t.text("This picture cannot be taken: %(reason)s", reason=error.detail)
    return t.text("This cannot be taken. Check it and send it again.")


def _name_message(reason: str, t: Translator) -> str:
    known = {
        "form": t.text("A short name has 2 to 40 small letters, digits and single hyphens."),
        "reserved": t.text("This name is kept for the platform, or looks like one that is."),
        "taken": t.text("This name is taken. Choose another."),
        "alike": t.text(
            "This name looks too much like another brand's. People would mix them up: choose"
            " another."
        ),
        "punycode": t.text("A short name cannot begin with xn--: write it as it is read."),
        "script": t.text(
            "It has letters of other scripts that look like Latin ones. Type it anew with Latin"
            " letters."
        ),
    }
    return known.get(reason, t.text("This cannot be taken. Check it and send it again."))


def explain(code: str, status: int, t: Translator, params: dict[str, Any]) -> Told:
    """The page for a refusal."""
    start = (t.text("To the first page"), "/")
    again = (t.text("Go on with your mail address"), "/sign-up")
    match code:
        case "not_found":
            return Told(
                t.text("This page is not here"),
                t.text("The address may be old or mistyped."),
                *start,
            )
        case "signup_session":
            return Told(
                t.text("Who are you?"),
                t.text("Type your mail address again: what you have filled in is kept."),
                *again,
            )
        case "cross_site":
            return Told(
                t.text("Please try once more"),
                t.text("The page was open for long, or another site sent this. Load it again."),
                *start,
            )
        case "signup_incomplete":
            step = str(params.get("step") or "company")
            return Told(
                t.text("One step is still open"),
                t.text("Nothing is lost: fill it in and go on."),
                t.text("To the open step"),
                f"/sign-up/{step}",
            )
        case "signup_closed":
            return Told(
                t.text("Your brand is there"),
                t.text("It is changed in its console from now on."),
                t.text("See your brand"),
                "/sign-up/ready",
            )
        case "rate_limited":
            return Told(
                t.text("That was often in a short time"),
                t.text("Wait a while and try again. What you have filled in is kept."),
                *start,
            )
        case "too_large":
            return Told(t.text("That was too large"), t.text("Choose a smaller file."), *start)
        case "unavailable":
            return Told(
                t.text("Not possible just now"),
                t.text("Something we need does not answer. Try again in a minute."),
                *start,
            )
    if status >= 500:
        return Told(
            t.text("Something went wrong here"),
            t.text("It is not your fault, and what you have filled in is kept. Try again."),
            *start,
        )
    return Told(
        t.text("This cannot be done like that"),
        t.text("Go back and look at what you sent."),
        *start,
    )
