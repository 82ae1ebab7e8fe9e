"""Three customers who asked the vendor: one lead is offered, one is to be offered, one is a tie between two rules."""

from datetime import datetime, timedelta

from channelconflict.models import User
from partners.models import Lead, Partner, Program
from reviews.services.leads import offer_lead, record_lead

LEADS = [
    ("Calyx Brewing Co.", "US", "US-TX", "Houston", 260, "Twelve hygienic pumps for a new cellar by spring.", "Web form"),
    ("Bristol Dairies Ltd", "GB", "GB-ENG", "Bristol", 900, "Replacement of the feed pumps of two sites.", "Trade fair"),
    ("Sandia Mills Inc.", "US", "US-NM", "Albuquerque", 140, "A quote for slurry pumps.", "Call centre"),
]  # fmt: skip


def enter_leads(program: Program, people: dict[str, User], now: datetime) -> None:
    """Enter them as of the last days, and offer the first to whom the rules recommend."""
    for number, (name, country, subdivision, city, employees, need, source) in enumerate(LEADS):
        host = f"{name.split()[0].lower()}-{name.split()[1].lower()}.example"
        lead = Lead(
            program=program, customer_name=name, customer_domain=host, country=country, subdivision=subdivision, city=city,
            employees=employees, product_lines=["pumps"], need=need, source=source, contact_name="The buyer's office",
            contact_email=f"purchasing@{host}", received_at=now - timedelta(hours=20 - 6 * number),
        )  # fmt: skip
        lead = record_lead(lead=lead, by=people["olga"], at=now)
        if number == 0:
            alpha = Partner.objects.get(program=program, external_id="P-ALPHA")
            offer_lead(lead=lead, partner=alpha, reason="", by=people["olga"], at=now)
