"""Member numbers: twelve digits, random, with a check digit (Luhn), unique within the brand.

They come from no sequence, so that a number tells neither how many members there are nor who
joined when.
"""

import secrets


def new_number() -> str:
    """A random member number."""
    body = f"{secrets.randbelow(9 * 10**10) + 10**10}"
    return body + check_digit(body)


def check_digit(body: str) -> str:
    """The digit that makes `body` pass `holds`."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def holds(number: str) -> bool:
    """Whether a number could be one of ours (typing mistakes are noticed)."""
    return (
        len(number) == 12
        and number.isascii()
        and number.isdigit()
        and check_digit(number[:-1]) == number[-1]
    )
