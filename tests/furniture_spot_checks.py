"""Furniture of the crawl: a week's draw of what was approved without a person; two wrong ones, their alarm, two that wait."""

from datetime import timedelta

from reviews import pipeline
from reviews.models import AutomaticApproval, SpotCheck, SpotCheckAlarm
from reviews.services.spot_checks import Said, acknowledge_alarm, answer_check, draw_week, monday_of
from tests import factories
from tests.factories import AT, Cast

LATER = AT + timedelta(days=7)


def check_on_the_spot(cast: Cast) -> None:
    """Of each partner one approval was wrong and one waits; a lead has answered the alarm."""
    for partner in (cast.alpha, cast.beta):
        name = f"{partner.name} Spot Works"
        words = {"account_name": name, "account_domain": f"spot-{partner.external_id.lower()}.example"}
        words["contact_email"] = f"buyer@spot-{partner.external_id.lower()}.example"
        row = factories.submitted(cast, partner, product_lines=["controls"], **words)
        pipeline.process_registration(cast.program, row.pk, AT)
    with cast.scope():
        draw_week(program=cast.program, week_on=monday_of(cast.program, AT), at=LATER)
        for partner in (cast.alpha, cast.beta):
            mine = AutomaticApproval.objects.filter(partner=partner).order_by("approved_at", "pk")
            check = SpotCheck.objects.filter(approval__in=mine).order_by("place").first()
            said = Said("wrong", "evidence_wrong", f"{partner.name} never met them.")
            answer_check(check=check, said=said, by=cast.rita, at=LATER)
        alarm = SpotCheckAlarm.objects.get()
        acknowledge_alarm(
            alarm=alarm, reason="We ask for proof now.", by=cast.carl, at=LATER, seen_version=alarm.version
        )
