"""The staff site's pages of the facts: territories, agreements, partners, accounts, and the record of acts."""

from partners.admin import accounts, agreements, partner, programs, records, territories

__all__ = ["accounts", "agreements", "partner", "programs", "records", "territories"]
