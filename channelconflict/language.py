"""How a number is written in the language at hand."""

from decimal import Decimal

from django.utils.formats import number_format


def counted(number: int | Decimal) -> str:
    """'50,000', '50.000': a number without decimals, grouped as the language at hand groups it."""
    return number_format(number, decimal_pos=0, force_grouping=True)
