"""Numbers, points, money and dates as the reader's language and the programme's zone write them."""

import re
from datetime import date, datetime, timedelta
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency, format_decimal
from markupsafe import escape
from msgspec import Meta

from guerdon.kit.money import Money
from guerdon.theming.translations import babel_locale

# Pages name days of the next years, again and again.
_DAYS_KEPT = 2_000
# A space between a number and a word as short as a unit's sign.
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=[^\W\d_]{1,2}\b)")


class PointsName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a brand calls its points, in one language."""

    one: Annotated[str, Meta(title="One")]
    other: Annotated[str, Meta(title="Many")]


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(babel_locale(language))


@cache
def _grouping(locale: Locale) -> str:
    """What parts thousands, in the languages that group by three."""
    return str(format_decimal(1_000, locale=locale))[1:-3]


@cache
def _decimal_mark(locale: Locale) -> str:
    return str(format_decimal(0.5, locale=locale))[1:-1]


@cache
def _plural_form(locale: Locale, value: int) -> str:
    return str(locale.plural_form(value))


def _alike(value: int) -> int:
    """A small number with the same plural form: languages look at small numbers, at remainders
    up to those of a thousand, and at whole millions."""
    if value < 1_000:
        return value
    return 1_000_000 if value % 1_000_000 == 0 else 1_000 + value % 1_000


def unbroken(name: str) -> str:
    """A product's name in which no line ends between a number and its unit: `340 g`."""
    return _BEFORE_UNIT.sub("\u00a0", name)


class Formats:
    """The formats of one brand in one language."""

    def __init__(self, *, language: str, time_zone: str, points_name: PointsName) -> None:
        self.language = language
        self._locale = _locale(language)
        self._zone = ZoneInfo(time_zone)
        self.points_name = points_name
        self._group = _grouping(self._locale)
        # By `_alike`: two thousand at most.
        self._words: dict[int, str] = {}
        self._html: dict[int, bytes] = {}
        self._long: dict[date, str] = {}

    def number(self, value: int) -> str:
        """`12450` as `12.450`."""
        # A page writes dozens of these; Babel's way costs some thirty times as much.
        return f"{value:,}" if self._group == "," else f"{value:,}".replace(",", self._group)

    def decimal(self, text: str) -> str:
        """A factor as parameters keep it, `1.25`, as `1,25`."""
        return text.replace(".", _decimal_mark(self._locale))

    def points(self, value: int) -> str:
        """`12450` as `12.450 milhas`; a no-break space keeps the two together."""
        return f"{self.number(value)}\u00a0{self.points_word(value)}"

    def points_html(self, value: int) -> bytes:
        """As `points`, for the inside of an element."""
        alike = _alike(abs(value))
        word = self._html.get(alike)
        if word is None:
            word = self._html[alike] = str(escape(self.points_word(value))).encode()
        return b"%b\xc2\xa0%b" % (self.number(value).encode(), word)

    def points_word(self, value: int) -> str:
        """The brand's word for this many points."""
        alike = _alike(abs(value))
        word = self._words.get(alike)
        if word is None:
            one = value != 0 and _plural_form(self._locale, alike) == "one"
            word = self._words[alike] = self.points_name.one if one else self.points_name.other
        return word

    def signed_points(self, value: int) -> str:
        """With a sign that says whether points came or went: `+240`, `−800`."""
        sign = "+" if value > 0 else "\u2212" if value < 0 else ""
        return f"{sign}{self.number(abs(value))}"

    def money(self, value: Money) -> str:
        """With its currency: `R$ 120,00`. Whole amounts keep their cents: it is money."""
        return str(format_currency(value.decimal, value.currency, locale=self._locale))

    def money_short(self, value: Money) -> str:
        """Without cents when there are none: `R$ 120`."""
        if value.decimal == value.decimal.to_integral_value():
            return str(
                format_currency(
                    value.decimal,
                    value.currency,
                    locale=self._locale,
                    currency_digits=False,
                    format=_whole(self._locale),
                )
            )
        return self.money(value)

    def local(self, instant: datetime) -> datetime:
        """The instant in the programme's zone."""
        return instant.astimezone(self._zone)

    def _day(self, value: date | datetime) -> date:
        return self.local(value).date() if isinstance(value, datetime) else value

    def full_date(self, value: date | datetime) -> str:
        """`12 de nov. de 2026`."""
        return str(format_date(self._day(value), "medium", locale=self._locale))

    def day_month(self, value: date | datetime) -> str:
        """Day and month without the year, short: `12/11`, `Nov 12`."""
        return str(format_skeleton("MMMd", self._midday(value), locale=self._locale))

    def long_date(self, value: date | datetime) -> str:
        """`12 de novembro de 2026`."""
        day = self._day(value)
        written = self._long.get(day)
        if written is None:
            if len(self._long) >= _DAYS_KEPT:
                self._long.clear()
            written = self._long[day] = str(format_date(day, "long", locale=self._locale))
        return written

    def month(self, value: date | datetime) -> str:
        """`novembro de 2026`, for headings."""
        return str(format_skeleton("yMMMM", self._midday(value), locale=self._locale))

    def _midday(self, value: date | datetime) -> datetime:
        day = self._day(value)
        return datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001

    def time(self, instant: datetime) -> str:
        """The clock time in the programme's zone: `14:05`."""
        return str(format_time(self.local(instant), "short", locale=self._locale))

    def moment(self, instant: datetime) -> str:
        """Day and clock time: `12 de nov., 14:05`."""
        return f"{self.day_month(instant)}, {self.time(instant)}"

    def iso(self, value: date | datetime) -> str:
        """Machine-readable, for `<time datetime>`."""
        return value.isoformat()

    def days_until(self, value: date | datetime, now: datetime) -> int:
        """Whole days on the programme's calendar from now."""
        return (self._day(value) - self.local(now).date()) // timedelta(days=1)


@cache
def _whole(locale: Locale) -> str:
    return str(locale.currency_formats["standard"].pattern).replace("0.00", "0")
