"""Letters to the people who work for a brand: invitations, new passwords, what happened."""

from datetime import datetime
from typing import Final

from guerdon.identity import staff_letters
from guerdon.identity.jobs import SendStaffLetter
from guerdon.identity.staff_letters import StaffLetter
from guerdon.kit.ids import uuid7
from guerdon.notifications.jobs import Sent, brand_of, formats, hand_over, mail
from guerdon.notifications.letters import Brand, Letter
from guerdon.notifications.plan_letters import quota_letter, statement_letter
from guerdon.notifications.port import Mail
from guerdon.notifications.state_letters import TellOwners, state_letter
from guerdon.notifications.support_letters import support_letter
from guerdon.notifications.terms_letters import terms_letter
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Handler, Job
from guerdon.runtime import Runtime
from guerdon.theming.formats import Formats
from guerdon.theming.translations import Translator, translator


class MailStaff(Job[SendStaffLetter, Mail, Sent]):
    """A letter to one of the brand's people; there may be nobody to write to any more."""

    message = SendStaffLetter

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: SendStaffLetter, now: datetime
    ) -> Mail | None:
        snapshot = await rt.snapshot(s.tenant_id, await rt.now(s.tenant_id))
        brand = await brand_of(rt, snapshot)
        found = await staff_letters.compose(s, rt.settings, m, slug=brand.slug, now=now)
        if found is None:
            return None
        written = staff_letter(
            found, t=translator(found.language), formats=formats(snapshot, found.language),
            brand=brand,
        )  # fmt: skip
        return mail(
            rt, snapshot, brand, id_=uuid7(), to=found.to, name=found.name,
            language=found.language, written=written,
        )  # fmt: skip

    async def perform(self, rt: Runtime, call: Mail) -> Sent:
        return await hand_over(rt, call)

    async def record(
        self, rt: Runtime, s: WriteSession, m: SendStaffLetter, outcome: Sent, now: datetime
    ) -> None:
        return


def staff_letter(found: StaffLetter, *, t: Translator, formats: Formats, brand: Brand) -> Letter:
    """The letter in its reader's language."""
    until = formats.moment(found.expires_at) if found.expires_at else ""
    at = formats.moment(found.at) if found.at else ""
    if found.kind == "invitation":
        heading = t.text("Your account on the console of %(brand)s", brand=brand.name)
        paragraphs = [
            t.text(
                "You have been invited to work on the programme of %(brand)s.", brand=brand.name
            ),
            t.text("The link works once, until %(until)s.", until=until),
        ]
        action = t.text("Set up your account")
    elif found.kind == "sso_invitation":
        heading = t.text("Your account on the console of %(brand)s", brand=brand.name)
        paragraphs = [
            t.text(
                "You have been invited to work on the programme of %(brand)s.", brand=brand.name
            ),
            t.text(
                "Choose “%(connection)s” on the sign-in page and use your company account. There"
                " is nothing to set up.",
                connection=found.what,
            ),
        ]  # fmt: skip
        action = t.text("Sign in")
    elif found.kind == "reset":
        heading = t.text("A new password for the console")
        paragraphs = [
            t.text("Somebody, probably you, asked for a new password for the console."),
            t.text("The link works once, until %(until)s.", until=until),
            t.text("If it was not you, there is nothing to do: your password stays as it is."),
        ]
        action = t.text("Choose a new password")
    elif found.kind == "break_glass":
        heading = t.text("The emergency account was used")
        paragraphs = [
            t.text(
                "%(name)s signed in with the emergency account of %(brand)s on %(at)s.",
                name=found.about, brand=brand.name, at=at,
            ),
            t.text("If you do not know why, end its sessions now, on the screen “People”."),
        ]  # fmt: skip
        action = t.text("Open the console")
    elif found.kind == "passkey_blocked":
        heading = t.text("One of your passkeys was blocked")
        paragraphs = [
            t.text("It answered as a copy would. Remove it and add a new one."),
            t.text("If you do not know why, tell an owner of the programme."),
        ]
        action = t.text("See your account")
    elif found.kind == "domain_missing":
        heading = t.text("The proof of %(domain)s is gone", domain=found.what)
        paragraphs = [
            t.text(
                "The text that proves that %(domain)s belongs to %(brand)s no longer stands in"
                " the domain name system.",
                domain=found.what, brand=brand.name,
            ),
            t.text(
                "Publish it again until %(until)s. After that, such an address no longer leads to"
                " your sign-in, and your provider's word for it no longer counts.",
                until=at,
            ),
        ]  # fmt: skip
        action = t.text("See the text to publish")
    elif found.kind == "domain_lapsed":
        heading = t.text("%(domain)s is not proved any more", domain=found.what)
        paragraphs = [
            t.text(
                "The text that proves that %(domain)s belongs to %(brand)s was missing for three"
                " days. Since %(at)s such an address no longer leads to your sign-in, and your"
                " provider's word for it no longer counts.",
                domain=found.what, brand=brand.name, at=at,
            ),
            t.text("People who have signed in before still come in."),
            t.text("Publish the text again, then choose “Check now”."),
        ]  # fmt: skip
        action = t.text("See the text to publish")
    elif found.kind == "state_changed":
        return state_letter(found, t=t, at=at, brand=brand)
    elif found.kind == "quota":
        return quota_letter(found, t=t, formats=formats, brand=brand)
    elif found.kind == "statement":
        return statement_letter(found, t=t, at=at, formats=formats, brand=brand)
    elif found.kind == "site_domain_missing":
        heading = t.text("The proof of %(domain)s is gone", domain=found.what)
        paragraphs = [
            t.text(
                "The text that proves that %(domain)s belongs to %(brand)s no longer stands in"
                " the domain name system.",
                domain=found.what, brand=brand.name,
            ),
            t.text(
                "Publish it again until %(until)s. After that, your member site no longer answers"
                " at %(domain)s, and links lead to your address on the platform.",
                until=at, domain=found.what,
            ),
        ]  # fmt: skip
        action = t.text("See the text to publish")
    elif found.kind == "site_domain_lapsed":
        heading = t.text("%(domain)s is not proved any more", domain=found.what)
        paragraphs = [
            t.text(
                "The text that proves that %(domain)s belongs to %(brand)s was missing for three"
                " days. Since %(at)s your member site no longer answers there, and links lead to"
                " your address on the platform.",
                domain=found.what, brand=brand.name, at=at,
            ),
            t.text("Publish the text again, then choose “Check now”."),
        ]  # fmt: skip
        action = t.text("See the text to publish")
    elif found.kind in ("support_asked", "support_opened"):
        return support_letter(found, t=t, at=at, brand=brand)
    elif found.kind == "platform_terms":
        return terms_letter(found, t=t, at=at, brand=brand)
    else:
        heading = t.text("Your access to the console changed")
        paragraphs = [
            _what(found.what, t),
            t.text("If it was not you, tell an owner of the programme at once."),
        ]
        action = t.text("See your account")
    return Letter(
        subject=f"{heading} · {brand.name}" if brand.name not in heading else heading,
        heading=heading,
        paragraphs=tuple(paragraphs),
        action=(action, found.url),
        short=heading,
    )


def _what(what: str, t: Translator) -> str:
    known = {
        "password": t.text("The password of your account was changed."),
        "totp": t.text("The authenticator app of your account was changed."),
        "totp_removed": t.text("The authenticator app of your account was removed."),
        "passkey": t.text("A passkey was added to your account."),
        "passkey_removed": t.text("A passkey was removed from your account."),
        "recovery_codes": t.text("New recovery codes were made for your account."),
        "roles": t.text("Your roles were changed. Sign in again to work with them."),
    }
    return known.get(what, t.text("Something that opens your account was changed."))


STAFF_HANDLERS: Final[tuple[Handler, ...]] = (MailStaff(), TellOwners())
