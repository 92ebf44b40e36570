"""The hosted payment page and the bank's 3-D Secure page. They work without JavaScript."""

from pathlib import Path
from typing import Any

import jinja2

from guerdon.kit.money import exponent
from guerdon.sandbox.knobs import KnobBox
from guerdon.sandbox.stripe.book import Book, Kept
from guerdon.sandbox.stripe.cards import CARDS, Card, find
from guerdon.sandbox.stripe.words import words
from guerdon.sandbox.web import Request, Response, html_response, redirect

_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True
)
_SYMBOLS = {"usd": "$", "brl": "R$", "eur": "€", "gbp": "£"}


def spoken(minor: int, currency: str, language: str) -> str:
    """An amount as the page shows it."""
    digits = exponent(currency.upper())
    whole, part = divmod(minor, 10**digits)
    thousands, point = (".", ",") if language in ("pt-BR", "es") else (",", ".")
    text = f"{whole:,}".replace(",", thousands)
    if digits:
        text += f"{point}{part:0{digits}d}"
    return f"{_SYMBOLS.get(currency, currency.upper())} {text}"


class HostedPage:
    """What the member sees at the payment provider."""

    def __init__(self, book: Book, knobs: KnobBox) -> None:
        self._book = book
        self._knobs = knobs

    async def show(self, request: Request) -> Response:
        """The page of a session, or the way back when there is nothing to pay any more."""
        session = self._book.session_by_id(request.parts["id"])
        if session is None:
            return html_response(_PAGES.get_template("gone.html").render(t=words(None)), 404)
        return self._present(self._book.expire_if_due(session))

    def _present(
        self, session: Kept, *, problem: str = "", form: dict[str, str] | None = None
    ) -> Response:
        status = session.object["status"]
        if status == "complete":
            return redirect(_return_url(session))
        t = words(session.object["locale"])
        if status == "expired":
            page = _PAGES.get_template("gone.html").render(t=t, back=session.object["cancel_url"])
            return html_response(page, 410)
        page = _PAGES.get_template("pay.html").render(
            t=t, problem=problem, form=form or {}, cards=CARDS, **_facts(session)
        )
        return html_response(page, 402 if problem else 200)

    async def pay(self, request: Request) -> Response:
        """The card form comes in: pay, decline, or send the member to the bank."""
        await self._knobs.now.pause()
        session = self._book.session_by_id(request.parts["id"])
        if session is None or self._book.expire_if_due(session).object["status"] != "open":
            return await self.show(request)
        form = dict(request.form)
        t = words(session.object["locale"])
        card = find(form.get("number", ""))
        if card is None:
            return self._present(session, problem=t["unknown_card"], form=form)
        if not (form.get("expiry", "").strip() and form.get("cvc", "").strip().isdigit()):
            return self._present(session, problem=t["incomplete"], form=form)
        reason = self._knobs.now.refusal(request.path, "generic_decline")
        if reason:
            return self._declined(session, card, "card_declined", reason, form)
        if card.behaviour == "declines":
            return self._declined(session, card, card.code, card.decline_code, form)
        if card.behaviour in ("asks", "asks_then_declines"):
            self._book.challenge(session, card)
            return redirect(f"/c/3ds/{session.object['id']}")
        self._book.authorise(session, card)
        return redirect(_return_url(session))

    def _declined(
        self, session: Kept, card: Card, code: str, decline_code: str, form: dict[str, str]
    ) -> Response:
        self._book.decline(session, card, code=code, decline_code=decline_code)
        t = words(session.object["locale"])
        return self._present(session, problem=t.get(decline_code, t["generic_decline"]), form=form)

    def _challenged(self, request: Request) -> tuple[Kept, Card] | None:
        session = self._book.session_by_id(request.parts["id"])
        if session is None or session.object["status"] != "open":
            return None
        if not session.object["payment_intent"]:
            return None
        intent = self._book.find(
            "payment_intent", session.account, session.object["payment_intent"]
        )
        card = find(intent.hidden.get("card", ""))
        if card is None or intent.object["status"] != "requires_action":
            return None
        return session, card

    async def challenge(self, request: Request) -> Response:
        """The bank's page: is it you?"""
        challenged = self._challenged(request)
        if challenged is None:
            return redirect(f"/c/pay/{request.parts['id']}")
        session, card = challenged
        t = words(session.object["locale"])
        page = _PAGES.get_template("bank.html").render(
            t=t, last4=card.number[-4:], **_facts(session)
        )
        return html_response(page)

    async def answer(self, request: Request) -> Response:
        """The member's answer to the bank."""
        challenged = self._challenged(request)
        if challenged is None:
            return redirect(f"/c/pay/{request.parts['id']}")
        session, card = challenged
        if dict(request.form).get("answer") != "approve":
            return self._declined(
                session, card, "payment_intent_authentication_failure",
                "authentication_failed", {},
            )  # fmt: skip
        if card.behaviour == "asks_then_declines":
            return self._declined(session, card, card.code, card.decline_code, {})
        self._book.authorise(session, card)
        return redirect(_return_url(session))

    def index(self, intents: list[dict[str, Any]]) -> Response:
        """The peer's own front page: the newest payments."""
        rows = [
            (i["id"], i["status"], spoken(i["amount"], i["currency"], "en"), i["description"] or "")
            for i in intents
        ]
        return html_response(
            _PAGES.get_template("index.html").render(rows=rows, cards=CARDS, t=words("en"))
        )


def _return_url(session: Kept) -> str:
    url: str = session.object["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session.object["id"])


def _dark(colour: str) -> bool:
    """Whether white text is the more readable one on `#rrggbb` (WCAG relative luminance)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.18


def _facts(session: Kept) -> dict[str, Any]:
    """What the pages say about a session."""
    obj, branding = session.object, session.hidden["branding"]
    language = obj["locale"] or "en"
    colour = branding.get("button_color") or "#1f3a5f"
    lines = [
        (line["price_data"]["product_data"]["name"], line["quantity"],
         spoken(line["price_data"]["unit_amount"] * line["quantity"], obj["currency"], language))
        for line in session.hidden["lines"]
    ]  # fmt: skip
    return {
        "id": obj["id"],
        "amount": spoken(obj["amount_total"], obj["currency"], language),
        "brand": branding.get("display_name") or "Guerdon sandbox",
        "colour": colour,
        "on_colour": "#ffffff" if _dark(colour) else "#16181d",
        "email": obj["customer_email"] or "",
        "lines": lines,
        "methods": obj["payment_method_types"],
        "cancel_url": obj["cancel_url"],
        "language": language,
    }
