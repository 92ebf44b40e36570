"""The hosted checkout page and the bank's page. They work without JavaScript."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
import msgspec

from guerdon.kit.money import Money, exponent
from guerdon.sandbox.amazon_pay.book import Book, Kept, amount_of
from guerdon.sandbox.amazon_pay.wallet import WALLET, PaymentMethod, find
from guerdon.sandbox.knobs import KnobBox
from guerdon.sandbox.web import Request, Response, html_response, redirect

_HERE = Path(__file__).parent
_PAGES = jinja2.Environment(loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True)
_WORDS = msgspec.json.decode((_HERE / "words.json").read_bytes(), type=dict[str, dict[str, str]])
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}


def words(request: Request) -> tuple[str, dict[str, str]]:
    """The reader's language and its words; English where there are none."""
    for part in request.headers.get("accept-language", "").split(","):
        language = part.partition(";")[0].strip().partition("-")[0].lower()
        if language in _WORDS:
            return language, _WORDS[language]
    return "en", _WORDS["en"]


def spoken(amount: Money) -> str:
    """An amount as the page shows it."""
    digits = exponent(amount.currency)
    whole, part = divmod(amount.minor, 10**digits)
    text = f"{whole:,}" + (f".{part:0{digits}d}" if digits else "")
    return f"{_SYMBOLS.get(amount.currency, amount.currency + ' ')}{text}"


class HostedPage:
    """What the buyer sees at the payment provider."""

    def __init__(self, book: Book, knobs: KnobBox) -> None:
        self._book = book
        self._knobs = knobs

    async def show(self, request: Request) -> Response:
        """The page of a session, or the way back when there is nothing to agree to any more."""
        session = self._book.session_by_id(request.parts["id"])
        if session is None:
            language, t = words(request)
            return html_response(_render("gone.html", t=t, language=language), 404)
        return self._present(request, session)

    def _present(self, request: Request, session: Kept, *, problem: str = "") -> Response:
        obj = session.object
        language, t = words(request)
        state = obj["statusDetails"]["state"]
        if state == "Completed" or obj["paymentPreferences"]:
            return redirect(_result_url(session))
        if state == "Canceled":
            back = obj["webCheckoutDetails"]["checkoutResultReturnUrl"]
            return html_response(_render("gone.html", t=t, language=language, back=back), 410)
        page = _render(
            "pay.html", t=t, language=language, problem=problem, wallet=WALLET, **_facts(session)
        )
        return html_response(page, 402 if problem else 200)

    async def pay(self, request: Request) -> Response:
        """The buyer's choice comes in: agree, decline, go to the bank, or go back."""
        await self._knobs.now.pause()
        session = self._book.session_by_id(request.parts["id"])
        if session is None or not _open(session):
            return await self.show(request)
        form = dict(request.form)
        t = words(request)[1]
        if form.get("answer") == "cancel":
            self._book.end_session(session, "BuyerCanceled")
            web = session.object["webCheckoutDetails"]
            return redirect(web["checkoutCancelUrl"] or web["checkoutResultReturnUrl"])
        method = find(form.get("method", ""))
        if method is None:
            return self._present(request, session, problem=t["choose"])
        if self._knobs.now.refusal(request.path, "SoftDeclined") or method.behaviour == "soft":
            self._book.decline(session, method)
            return self._present(request, session, problem=t["declined"])
        if method.behaviour == "hard":
            self._book.decline(session, method)
            return redirect(_result_url(session))
        if method.behaviour == "asks":
            self._book.ask(session, method)
            return redirect(f"/checkout/{session.object['checkoutSessionId']}/bank")
        self._book.agree(session, method)
        return redirect(_result_url(session))

    def _asked(self, request: Request) -> tuple[Kept, PaymentMethod] | None:
        session = self._book.session_by_id(request.parts["id"])
        if session is None or not _open(session):
            return None
        method = find(session.hidden.get("asked", ""))
        return None if method is None else (session, method)

    async def bank(self, request: Request) -> Response:
        """The bank's page: is it you?"""
        asked = self._asked(request)
        if asked is None:
            return redirect(f"/checkout/{request.parts['id']}")
        session, method = asked
        language, t = words(request)
        return html_response(
            _render("bank.html", t=t, language=language, method=method, **_facts(session))
        )

    async def answer(self, request: Request) -> Response:
        """The buyer's answer to the bank."""
        asked = self._asked(request)
        if asked is None:
            return redirect(f"/checkout/{request.parts['id']}")
        session, method = asked
        if dict(request.form).get("answer") != "approve":
            self._book.decline(session, method)
            return self._present(request, session, problem=words(request)[1]["declined"])
        self._book.agree(session, method)
        return redirect(_result_url(session))

    def index(self, request: Request, charges: list[dict[str, Any]]) -> Response:
        """The peer's own front page: the newest charges."""
        rows = [
            (c["chargeId"], c["statusDetails"]["state"], spoken(amount_of(c, "chargeAmount")),
             c["merchantMetadata"].get("noteToBuyer") or "")
            for c in charges
        ]  # fmt: skip
        language, t = words(request)
        return html_response(
            _render("index.html", t=t, language=language, rows=rows, wallet=WALLET)
        )


def _render(template: str, **values: Any) -> str:
    return _PAGES.get_template(template).render(**values)


def _open(session: Kept) -> bool:
    obj = session.object
    return obj["statusDetails"]["state"] == "Open" and not obj["paymentPreferences"]


def _result_url(session: Kept) -> str:
    url: str = session.object["webCheckoutDetails"]["checkoutResultReturnUrl"]
    joined = "&" if urlsplit(url).query else "?"
    return f"{url}{joined}amazonCheckoutSessionId={session.object['checkoutSessionId']}"


def _facts(session: Kept) -> dict[str, Any]:
    obj = session.object
    price = obj["paymentDetails"]["chargeAmount"]
    return {
        "id": obj["checkoutSessionId"],
        "amount": spoken(Money.parse(price["amount"], price["currencyCode"])),
        "store": obj["merchantMetadata"].get("merchantStoreName") or "Guerdon sandbox",
        "note": obj["merchantMetadata"].get("noteToBuyer") or "",
    }
