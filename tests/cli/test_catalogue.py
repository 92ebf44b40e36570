"""`guerdon catalogue` as it is typed."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from guerdon.cli.catalogue import command
from guerdon.settings import Settings
from guerdon.tenancy.schemas import Tenant

HEAD = "slug,category,supplier,currency,sku,price,stock,name_en\n"
ROWS = "lamp,home,amazon,USD,L1,20.00,7,Lamp\nrug,home,amazon,USD,R1,90.00,2,Rug\n"
PRICES = """
key = "deal"
supplier = "amazon"
name = "Deal"
currency = "USD"
valid_from = 2020-01-01T00:00:00Z
lines = [{ sku = "L1", price = "18.00", min_quantity = 10 }]
"""


@pytest.fixture
async def shop(make_tenant) -> Tenant:
    return await make_tenant(
        catalogue={"margin_percent": "10", "categories": [{"key": "home", "name": {"en": "Home"}}]},
        points={"price_factor": "100", "price_rounding_step": 5},
    )


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GUERDON_")}
    return kept | {
        "GUERDON_ENVIRONMENT": "test",
        "GUERDON_DATABASE_URL": settings.database_url,
        "GUERDON_REDIS_URL": settings.redis_url,
        "GUERDON_BROKER_URL": settings.broker_url,
        "GUERDON_CONTEXT_KEY": settings.context_key,
        "GUERDON_MASTER_KEY": settings.master_key,
        "GUERDON_FILES_DIR": settings.files_dir,
    }


def _run(shop: Tenant, environment: dict[str, str], name: str, *arguments: str) -> Result:
    return CliRunner().invoke(
        command, [name, "--tenant", shop.slug, *arguments], env=environment, catch_exceptions=False
    )


def test_a_day_of_a_catalogue_manager(
    shop: Tenant, environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "products.csv"
    file.write_text(HEAD + ROWS + "bad,home,amazon,EUR,B1,1,1,Bad\n")

    brought = _run(shop, environment, "import", str(file))
    assert brought.exit_code == 3
    assert "3 lines; products: 2 created, 0 changed, 0 as they were; 1 lines refused" in (
        brought.output
    )
    rejects = Path(f"{file}.rejects.csv").read_text().splitlines()
    assert rejects[1] == "4,currency,The programme has no exchange rate for EUR.,bad"
    file.write_text(HEAD + ROWS)
    assert "0 created, 0 changed, 2 as they were" in _run(
        shop, environment, "import", str(file)
    ).output  # fmt: skip

    shown = _run(shop, environment, "show", "lamp").output
    assert (
        "USD 20.00 × 1 = 20; + 10 % = USD 22.00; × 100 = 2200; ceiling to 5: 2200 points" in shown
    )
    assert "L1: 7 → 40" in _run(shop, environment, "stock", "lamp", "L1", "40").output
    assert "rug: withdrawn" in _run(shop, environment, "withdraw", "rug").output
    listed = _run(shop, environment, "list", "--status", "withdrawn").output
    assert listed.split()[:2] == ["rug", "withdrawn"]
    assert "lamp" not in listed
    assert "rug: published" in _run(shop, environment, "publish", "rug").output

    prices = tmp_path / "prices.toml"
    prices.write_text(PRICES)
    assert "deal: 1 lines in force" in _run(shop, environment, "price-list", str(prices)).output
    report = _run(shop, environment, "margin", "deal").output
    assert "(-10.00 %)" in report
    assert "leaves USD 4.00 (18.18 %)" in report
