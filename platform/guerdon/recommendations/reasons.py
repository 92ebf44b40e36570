"""Why something is offered, in words of the reader's language."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from guerdon.kit.money import Money
from guerdon.recommendations.candidates import Reason, Value
from guerdon.theming.formats import Formats

# Per code: English, Portuguese, Spanish.
_WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "liked_alike": (
        "Members who choose what you choose like this.",
        "Quem escolhe o que você escolhe gosta disto.",
        "A quienes eligen lo que tú eliges les gusta esto.",
    ),
    "goes_with_this": (
        "Because you are looking at %(product)s.",
        "Porque você está vendo %(product)s.",
        "Porque estás mirando %(product)s.",
    ),
    "goes_with_basket": (
        "Often chosen together with %(product)s.",
        "Muitas vezes escolhido junto com %(product)s.",
        "Muchas veces elegido junto con %(product)s.",
    ),
    "viewed_lately": (
        "You looked at it lately.",
        "Você viu isto há pouco.",
        "Lo has mirado hace poco.",
    ),
    "like_viewed": (
        "Because you looked at %(product)s.",
        "Porque você viu %(product)s.",
        "Porque miraste %(product)s.",
    ),
    "like_redeemed": (
        "Because you chose %(product)s.",
        "Porque você escolheu %(product)s.",
        "Porque elegiste %(product)s.",
    ),
    "redeemed_often": (
        "Often chosen by our members.",
        "Muito escolhido por nossos participantes.",
        "Muy elegido por nuestros participantes.",
    ),
    "chosen_for_you": (
        "Picked out by our team.",
        "Escolhido pela nossa equipe.",
        "Elegido por nuestro equipo.",
    ),
    "follows_purchase": (
        "Goes with what you bought.",
        "Combina com a sua compra.",
        "Va con lo que compraste.",
    ),
    "bag_not_included": (
        "Your fare from %(origin)s to %(destination)s comes without a checked bag.",
        "Sua tarifa de %(origin)s para %(destination)s não inclui bagagem despachada.",
        "Tu tarifa de %(origin)s a %(destination)s no incluye equipaje facturado.",
    ),
    "seat_open": (
        "You have not chosen your seats from %(origin)s to %(destination)s yet.",
        "Você ainda não escolheu os assentos de %(origin)s para %(destination)s.",
        "Todavía no has elegido asientos de %(origin)s a %(destination)s.",
    ),
    "insurance_abroad": (
        "You travel abroad on %(from)s.",
        "Você viaja para o exterior em %(from)s.",
        "Viajas al extranjero el %(from)s.",
    ),
    "insurance_before": (
        "Your journey begins on %(from)s.",
        "Sua viagem começa em %(from)s.",
        "Tu viaje empieza el %(from)s.",
    ),
    "hotel_nights": (
        "%(nights)s nights in %(place)s, from %(from)s to %(to)s.",
        "%(nights)s noites em %(place)s, de %(from)s a %(to)s.",
        "%(nights)s noches en %(place)s, del %(from)s al %(to)s.",
    ),
    "car_days": (
        "%(days)s days in %(place)s.",
        "%(days)s dias em %(place)s.",
        "%(days)s días en %(place)s.",
    ),
    "ride_airport": (
        "To and from the airport of %(place)s.",
        "Ida e volta do aeroporto de %(place)s.",
        "Ida y vuelta del aeropuerto de %(place)s.",
    ),
    "parks_children": (
        "With children in %(place)s.",
        "Com crianças em %(place)s.",
        "Con niños en %(place)s.",
    ),
    "parks_near": (
        "Near where you stay: %(place)s.",
        "Perto de onde você fica: %(place)s.",
        "Cerca de donde te quedas: %(place)s.",
    ),
    "days_to_spend": (
        "%(days)s days to spend in %(place)s.",
        "%(days)s dias livres em %(place)s.",
        "%(days)s días libres en %(place)s.",
    ),
    "cruise_port": (
        "You stay near the port of %(port)s.",
        "Você fica perto do porto de %(port)s.",
        "Te quedas cerca del puerto de %(port)s.",
    ),
    "approved_card": (
        "%(bank)s has approved you for it.",
        "%(bank)s aprovou você para ele.",
        "%(bank)s te lo ha aprobado.",
    ),
    "best_package": (
        "The package that brings you most.",
        "O pacote que mais rende para você.",
        "El paquete que más te aporta.",
    ),
}
_PLACE: Final[Mapping[str, int]] = {"en": 0, "pt-BR": 1, "es": 2}


def codes() -> frozenset[str]:
    """Every reason that has words."""
    return frozenset(_WORDS)


def said(value: Value, formats: Formats) -> str:
    """A value as the reader writes it."""
    if isinstance(value, date | datetime):
        return formats.long_date(value)
    if isinstance(value, Money):
        return formats.money(value)
    return formats.number(value) if isinstance(value, int) else value


def reason_words(reason: Reason, language: str, formats: Formats) -> str:
    """The sentence of a reason, empty for one without words."""
    words = _WORDS.get(reason.code)
    if words is None:
        return ""
    values = {name: said(value, formats) for name, value in reason.params.items()}
    return words[_PLACE.get(language, 0)] % values


def filled(text: str, personal: Mapping[str, Value], formats: Formats) -> str:
    """A brand's words with this member's values in the place of `{bank}` and the like."""
    if "{" not in text:
        return text
    for name, value in personal.items():
        text = text.replace("{" + name + "}", said(value, formats))
    return text
