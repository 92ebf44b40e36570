"""What the supplier sells: an assortment of its own, and the files named at the start.

A file is a JSON list of products, or an object with `products`; each product as `Item` below:

    {"asin": "B0AURORA01", "title": "...", "brand": "...", "category": "...", "price": "129.90",
     "list_price": "149.90", "stock": 40, "features": ["..."], "description": "...",
     "image_url": "", "quantity_prices": [[10, "119.90"]], "quantity_min": 1, "quantity_max": null,
     "restrictions": [], "countries": [], "delivery_days": [2, 5], "variation": {"Size": "M"},
     "currency": "USD"}

Only `asin`, `title` and `price` are needed. An ASIN has ten capitals or digits.
"""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import msgspec


class Item(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A product with its featured offer. Empty `countries` means everywhere."""

    asin: Annotated[str, msgspec.Meta(pattern="^[A-Z0-9]{10}$")]
    title: str
    price: Decimal
    currency: str = "USD"
    brand: str = ""
    category: str = "Other"
    list_price: Decimal | None = None
    stock: int = 50_000
    features: list[str] = []
    description: str = ""
    image_url: str = ""
    quantity_prices: list[tuple[int, Decimal]] = []
    quantity_min: int = 1
    quantity_max: int | None = None
    restrictions: list[str] = []
    countries: list[str] = []
    delivery_days: tuple[int, int] = (2, 5)
    variation: dict[str, str] = {}

    def unit_price(self, quantity: int, factor: float = 1.0) -> Decimal:
        """The price of one when `quantity` are bought."""
        price = self.price
        for least, tier in sorted(self.quantity_prices):
            if quantity >= least:
                price = tier
        if factor != 1.0:
            price = (price * Decimal(str(factor))).quantize(Decimal("0.01"))
        return price

    @property
    def offer_id(self) -> str:
        """The featured offer's id."""
        return f"offer-{self.asin}-1"


# title | brand | category | price | list price
_OWN = """
Carry-On Spinner 55 cm, Graphite|Northway|Travel|149.90|189.00
Checked Spinner 75 cm, Graphite|Northway|Travel|219.00|259.00
Cabin Backpack 28 l, Recycled Canvas|Tarn|Travel|89.50|99.00
Memory Foam Neck Pillow|Stratus|Travel|24.90|
Packing Cubes, Set of 6|Tarn|Travel|29.90|34.90
Universal Travel Adapter 65 W GaN|Voltine|Travel|44.90|52.00
Noise-Cancelling Headphones Q7|Aerial|Electronics|199.00|249.00
True Wireless Earbuds Mini|Aerial|Electronics|79.90|99.90
Portable Speaker, Waterproof|Boomlet|Electronics|59.90|69.90
Power Bank 20,000 mAh|Voltine|Electronics|39.90|
E-Reader 6.8 inch, 32 GB|Leafline|Electronics|139.00|149.00
Smart Watch Active 2|Pulsewell|Electronics|169.00|199.00
Instant Camera Pocket|Snapla|Electronics|89.00|
Mechanical Keyboard 75 percent|Clackworks|Electronics|99.00|119.00
Espresso Machine, 15 bar|Casa Forte|Kitchen|229.00|279.00
Burr Grinder, 40 mm Conical|Casa Forte|Kitchen|119.00|
Gooseneck Kettle 1 l, Copper|Hearth & Pour|Kitchen|79.00|89.00
Pour-Over Set, Glass and Oak|Hearth & Pour|Kitchen|42.00|
French Press 0.8 l, Steel|Hearth & Pour|Kitchen|36.50|
Travel Mug 350 ml, Leakproof|Hearth & Pour|Kitchen|26.90|29.90
Cast Iron Skillet 26 cm|Ironoak|Kitchen|39.90|
Chef's Knife 20 cm|Edgeway|Kitchen|69.00|85.00
Cutting Board, End-Grain Walnut|Ironoak|Kitchen|58.00|
Stand Mixer 4.8 l|Casa Forte|Kitchen|349.00|399.00
Linen Duvet Set, Queen|Alder House|Home|159.00|189.00
Merino Throw 130 x 180 cm|Alder House|Home|98.00|
Scented Candle, Cedar and Fig|Alder House|Home|28.00|
Desk Lamp, Dimmable Brass|Lumen Field|Home|84.00|99.00
Robot Vacuum S3|Tidyo|Home|279.00|329.00
Air Purifier 40 m2|Tidyo|Home|179.00|
Yoga Mat 6 mm, Natural Rubber|Plainsong|Sport|64.00|
Adjustable Dumbbells, Pair 2-20 kg|Heft|Sport|289.00|329.00
Running Belt with Bottle|Plainsong|Sport|27.50|
Trekking Poles, Carbon|Tarn|Sport|92.00|109.00
Two-Person Tent 1.9 kg|Tarn|Sport|219.00|
Insulated Bottle 750 ml|Tarn|Sport|32.00|
City Bike Helmet, Size M|Heft|Sport|74.00|
Wooden Building Blocks, 100 Pieces|Little Fir|Toys|38.00|
Telescope for Beginners 70 mm|Little Fir|Toys|109.00|129.00
Board Game: Harbour Masters|Gable Games|Toys|44.90|
Puzzle 1000 Pieces: Night Market|Gable Games|Toys|19.90|
Fountain Pen, Medium Nib|Inkwell & Co|Stationery|58.00|
Dotted Notebook A5, Set of 3|Inkwell & Co|Stationery|24.00|
Leather Passport Holder|Northway|Accessories|34.90|
Silk Scarf 70 x 70 cm|Maren|Accessories|62.00|75.00
Sunglasses, Polarised|Maren|Accessories|89.00|
Umbrella, Windproof Compact|Northway|Accessories|29.90|
Skincare Travel Kit|Maren|Beauty|39.00|
Electric Toothbrush Duo|Pulsewell|Beauty|119.00|139.00
Hair Dryer, Ionic 1800 W|Pulsewell|Beauty|69.00|79.00
"""
_RESTRICTED = (
    ("Lithium Battery Pack 400 Wh", "Voltine", "Electronics", "299.00", "Hazardous goods"),
    ("Single Malt Whisky 12 Years", "Glen Arrow", "Gourmet", "64.00", "Age-restricted"),
    ("Prescription Reading Glasses", "Maren", "Beauty", "49.00", "Blocked by your buying policy"),
)  # fmt: skip


def own() -> Iterable[Item]:
    """The peer's own assortment; ASINs are stable."""
    for place, row in enumerate(line for line in _OWN.splitlines() if line):
        title, brand, category, price, before = row.split("|")
        amount = Decimal(price)
        yield Item(
            asin=f"B0GRDN{place:04d}",
            title=title,
            brand=brand,
            category=category,
            price=amount,
            list_price=Decimal(before) if before else None,
            stock=25_000 + place * 370,
            features=[f"By {brand}", f"Category: {category}", "Ships in its own box"],
            description=f"{title} by {brand}.",
            quantity_prices=[(10, (amount * Decimal("0.95")).quantize(Decimal("0.01")))],
            delivery_days=(2 + place % 3, 4 + place % 4),
        )
    for place, (title, brand, category, price, why) in enumerate(_RESTRICTED):
        yield Item(
            asin=f"B0GRDX{place:04d}", title=title, brand=brand, category=category,
            price=Decimal(price), restrictions=[why],
        )  # fmt: skip


def read(files: Iterable[Path]) -> dict[str, Item]:
    """The own assortment and every file's; a later file wins over an earlier one."""
    items = {item.asin: item for item in own()}
    for file in files:
        content = msgspec.json.decode(file.read_bytes())
        rows = content["products"] if isinstance(content, dict) else content
        for item in msgspec.convert(rows, list[Item], strict=False):
            items[item.asin] = item
    return items


def search(items: dict[str, Item], text: str) -> list[Item]:
    """Items in which every word of `text` occurs; matches in the title come first."""
    asked = text.casefold().split()
    hits = []
    for item in items.values():
        title = item.title.casefold()
        whole = " ".join([title, item.brand, item.category, item.description, item.asin]).casefold()
        if all(word in whole for word in asked):
            hits.append((-sum(word in title for word in asked), item.title, item))
    return [item for _, _, item in sorted(hits, key=lambda hit: hit[:2])]
