"""Who the demo brands' members are and what they did: drawn from seeded dice, always the same.

Days count from the start of the history, which covers 360 days in 24 windows of 15.
"""

import random
from collections.abc import Iterator
from typing import TypeVar

import msgspec

T = TypeVar("T")

WINDOWS = 24
WINDOW_DAYS = 15
DAYS = WINDOWS * WINDOW_DAYS
MEMBERS = 500

_GIVEN = {
    "pt-BR": "Adriana Aline Amanda André Antônio Beatriz Bianca Caio Camila Carla Carlos Carolina "
    "Cláudia Daniel Davi Débora Diego Eduardo Elisa Fábio Felipe Fernanda Flávia Gabriel Gustavo "
    "Helena Henrique Igor Isabela João Joana Júlia Larissa Leonardo Letícia Lucas Luiza Marcela "
    "Marcos Mariana Mateus Miguel Natália Otávio Paula Pedro Rafael Renata Rodrigo Sofia Tatiana "
    "Thiago Vanessa Vinícius Vitória Yasmin",
    "es": "Alejandra Álvaro Andrea Camilo Catalina Diana Elena Emilio Esteban Gabriela Hugo Inés "
    "Javier Julieta Lorena Manuel Marta Martín Nicolás Pablo Pilar Rocío Santiago Sebastián "
    "Valentina Ximena",
    "en": "Aaron Abigail Alice Amelia Benjamin Brooke Caleb Charlotte Chloe Daniel Eleanor Emma "
    "Ethan Fiona George Grace Hannah Harper Henry Isaac Jack James Julia Leo Lily Logan Lucy "
    "Mason Mia Nathan Nora Oliver Olivia Owen Penelope Rebecca Ruby Samuel Sarah Sophie Theo "
    "Thomas Violet William Zoe",
}  # fmt: skip
_FAMILY = {
    "pt-BR": "Almeida Alves Andrade Araújo Azevedo Barbosa Barros Batista Borges Campos Cardoso "
    "Carvalho Castro Correia Costa Cunha Dias Duarte Farias Ferreira Freitas Gomes Gonçalves "
    "Lima Lopes Machado Martins Melo Mendes Monteiro Moraes Moreira Nascimento Nogueira Oliveira "
    "Pereira Pinto Ramos Rezende Ribeiro Rocha Rodrigues Santos Silva Soares Souza Tavares Vieira",
    "es": "Aguilar Álvarez Cabrera Castillo Delgado Domínguez Flores Fuentes Herrera Ibáñez León "
    "Méndez Molina Navarro Ortega Peña Quiroga Ramírez Rojas Salazar Soto Vargas Vega Zúñiga",
    "en": "Adams Bailey Baker Bennett Brooks Carter Clark Collins Cooper Davis Edwards Evans "
    "Fisher Foster Gray Green Hall Harris Hayes Hughes Jackson Kelly King Lewis Miller "
    "Morgan Murphy Nelson Parker Reed Rivera Ross Scott Stewart Taylor Turner Walker Ward Watson "
    "Wright Young",
}  # fmt: skip
_ROUTES = (
    "GRU → GIG", "CGH → SDU", "GRU → SSA", "GRU → REC", "BSB → GRU", "CNF → GRU", "POA → CGH",
    "GRU → FLN", "GIG → FOR", "GRU → LIS", "GRU → EZE", "GRU → SCL", "GIG → MVD", "VCP → CWB",
)  # fmt: skip
_SHOPS = ("Canal Street", "Mercer Street", "Old Mill", "Riverside", "Union Market", "Park Slope")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A member: who, since which day (below zero: before the history), and how often they come."""

    key: str
    name: str
    email: str
    language: str
    joined: int
    pace: int
    opening: int = 0
    opening_expires: int | None = None
    spends: bool = False


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase: whose, when, for how much, under which number of the till."""

    key: str
    day: int
    second: int
    minor: int
    number: str
    note: str


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """What is usual at a brand.

    `paces` are (share of members, purchases in a hundred windows); `low` to `high` is what one
    costs in minor units; `shelves` is what members redeem for.
    """

    languages: tuple[tuple[str, int], ...]
    paces: tuple[tuple[int, int], ...]
    low: int
    high: int
    places: tuple[str, ...]
    opening: int
    welcome: int
    goodwill: int
    goodwill_reason: str
    shelves: tuple[str, ...]


HABITS = {
    "aurora": Habits(
        languages=(("pt-BR", 82), ("es", 10), ("en", 8)),
        paces=((8, 130), (34, 45), (58, 14)),
        low=24_000,
        high=310_000,
        places=_ROUTES,
        opening=9_000,
        welcome=1_000,
        goodwill=1_500,
        goodwill_reason="Mala entregue com atraso",
        shelves=("flights", "hotels", "experiences"),
    ),
    "kettle": Habits(
        languages=(("en", 80), ("es", 15), ("pt-BR", 5)),
        paces=((14, 260), (42, 100), (44, 26)),
        low=320,
        high=2_450,
        places=_SHOPS,
        opening=600,
        welcome=100,
        goodwill=200,
        goodwill_reason="Order made twice, sorry",
        shelves=("drinks", "beans", "classes"),
    ),
}


def people(brand: str) -> list[Person]:
    """The members, in the order in which they joined."""
    habits = HABITS[brand]
    dice = random.Random(f"{brand} people")
    every = []
    for n in range(MEMBERS):
        language = _pick(dice, habits.languages)
        given = dice.choice(_GIVEN[language].split())
        family = dice.choice(_FAMILY[language].split())
        founding = n < MEMBERS * 3 // 5
        joined = -dice.randint(20, 900) if founding else dice.randint(1, DAYS - 20)
        opening = dice.randint(1, 40) * habits.opening // 20 if founding else 0
        every.append(
            Person(
                key=f"{brand}-{n + 1:04d}",
                name=f"{given} {family}",
                email=f"member{n + 1:04d}@{brand}.example",
                language=language,
                joined=joined,
                pace=_pick(dice, tuple((pace, share) for share, pace in habits.paces)),
                opening=opening,
                opening_expires=dice.randint(40, DAYS + 500) if opening else None,
                spends=dice.randint(1, 100) <= 45,
            )
        )
    return sorted(every, key=lambda p: (p.joined, p.key))


def purchases(brand: str, everyone: list[Person], window: int) -> Iterator[Purchase]:
    """What is bought in a window, up to its last three days, in the order of time."""
    habits = HABITS[brand]
    dice = random.Random(f"{brand} purchases {window}")
    start = window * WINDOW_DAYS
    # Summer and December are busy, the weeks between are not.
    season = (100, 92, 104, 128, 140, 96, 88, 94, 100, 98, 104, 118)[window // 2 % 12]
    found = []
    for person in everyone:
        wanted = person.pace * season // 100
        times = wanted // 100 + (dice.randint(1, 100) <= wanted % 100)
        for turn in range(times):
            day = start + dice.randint(0, WINDOW_DAYS - 4)
            spread = dice.randint(0, 1000) * dice.randint(0, 1000) // 1000
            minor = habits.low + (habits.high - habits.low) * spread // 1000
            place = dice.choice(habits.places)
            second = dice.randint(7 * 3600, 21 * 3600)
            if day > person.joined:
                found.append(
                    Purchase(
                        key=person.key,
                        day=day,
                        second=second,
                        minor=minor // 10 * 10,
                        number=f"{window:02d}-{person.key[-4:]}-{turn}",
                        note=place,
                    )
                )
    return iter(sorted(found, key=lambda p: (p.day, p.second, p.number)))


def _pick(dice: random.Random, weighted: tuple[tuple[T, int], ...]) -> T:
    values = [value for value, _ in weighted]
    return dice.choices(values, weights=[weight for _, weight in weighted])[0]
