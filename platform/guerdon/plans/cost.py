"""What a brand costs the platform, and the energy it takes: an estimate, never a price.

    cost   = computing hours × 0.040 USD + GB kept × 0.10 USD + calls × 0.0001 USD
    energy = (computing hours × 9 W + TB kept × 1.5 W × hours of the month) × 1.3 + calls × 0.05 Wh

The constants are our own estimates, rounded up, for one core of a rented machine at full load, for
replicated storage on solid-state disks, for the network and the provider's side of a call, and 1.3
for cooling and conversion. They compare brands and months with each other; they are no audit.
Integers throughout: millionths of a dollar, thousandths of a watt-hour.
"""

from typing import Final

import msgspec

CPU_MICRO_USD_PER_HOUR: Final = 40_000
STORAGE_MICRO_USD_PER_GB: Final = 100_000
CALL_MICRO_USD: Final = 100
CPU_MILLIWATT: Final = 9_000
STORAGE_MILLIWATT_PER_TB: Final = 1_500
CALL_MILLIWATT_HOUR: Final = 50
OVERHEAD_PERCENT: Final = 130

_HOUR_US: Final = 3_600_000_000
_GB: Final = 10**9
_TB: Final = 10**12


class Cost(msgspec.Struct, frozen=True, rename="camel"):
    """What it was worked out from, and what came out."""

    cpu_us: int
    storage_bytes: int
    outside_calls: int
    cost_micro_usd: int
    energy_mwh: int


def estimate(*, cpu_us: int, storage_bytes: int, outside_calls: int, days: int) -> Cost:
    """The estimate of a period of `days`."""
    cost = (
        cpu_us * CPU_MICRO_USD_PER_HOUR // _HOUR_US
        + storage_bytes * STORAGE_MICRO_USD_PER_GB // _GB
        + outside_calls * CALL_MICRO_USD
    )
    machine = cpu_us * CPU_MILLIWATT // _HOUR_US
    disk = storage_bytes * STORAGE_MILLIWATT_PER_TB * 24 * days // _TB
    energy = (machine + disk) * OVERHEAD_PERCENT // 100 + outside_calls * CALL_MILLIWATT_HOUR
    return Cost(cpu_us, storage_bytes, outside_calls, cost, energy)
