"""Who may decide a case: role, interest and four eyes, each with the sentence that says why not."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from partners.models import Extension, Partner
from partners.permissions import Role, may, partners_of, roles_in
from partners.tracker import day
from reviews.models import Approval, Case, Decision, ProposalStatus
from reviews.routing import ROLE_ORDER, SECOND, has_interest, role_for


class NotAllowedError(Exception):
    """This user may not do this to this case; the text is a sentence for people."""


@dataclass(frozen=True)
class Step:
    """The next step of the route as one user meets it: the role they take it in, or why they cannot."""

    role: str = ""
    why_not: str = ""


def next_step(user: Any, case: Case, standing: Decision | None) -> Step:
    """Whether `user` may take the next step of the case's route, and in which role."""
    if not may(user, "view_desk", case):
        return Step(why_not="You have no role in this program.")
    if case.held_until:
        return Step(why_not=on_hold(case))
    if not case.pending:
        return Step(why_not="The route is complete.")
    wanted = case.pending[0]
    role = _role_for(user, case, wanted)
    if not role:
        return Step(why_not=f"This step is for {label(wanted)}.")
    if standing and any(approval.approved_by_id == user.pk for approval in standing.approvals.all()):
        return Step(why_not="You have already approved this decision: the next step needs another person.")
    interest = why_barred(user, case)
    return Step(why_not=interest) if interest else Step(role=role)


def why_barred(user: Any, case: Case) -> str:
    """The sentence that says why `user` decides nothing of a case, whatever their role, or ""."""
    return conflict_of_interest(user, case) or _took_part(user, case)


def may_come_to_decide(user: Any, case: Case) -> bool:
    """Whether some step that the case's route still has could be taken by `user`."""
    if not may(user, "view_desk", case):
        return False
    return any(_role_for(user, case, step) for step in case.pending) and not why_barred(user, case)


def _role_for(user: Any, case: Case | Extension, wanted: str) -> str:
    return role_for(roles_in(user, case.program_id), wanted)


def _took_part(user: Any, case: Case) -> str:
    """Whoever mediates does not judge, and an agreement is confirmed by somebody else than who proposed it."""
    rows = list(case.mediations.all())  # prefetched where pages ask
    accepted = (one for talks in rows for one in talks.proposals.all() if one.status == ProposalStatus.ACCEPTED)
    mediated = any(user.pk in (talks.facilitator_id, *talks.earlier_facilitators) for talks in rows)
    if not mediated and not any(one.made_by_id == user.pk for one in accepted):
        return ""
    return "You mediated this case or put its agreement forward: somebody else decides."


def on_hold(case: Case) -> str:
    """The sentence that says that nothing is decided meanwhile."""
    return f"All claims are on hold until {day(case.held_until, case.program.timezone)}: end the hold first."


def appeal_step(user: Any, case: Case, stood: Iterable[Approval], filed_by: Collection[Any]) -> Step:
    """Whether `user` may answer the appeals of a case, and in which role.

    Another person than anybody who approved (`stood`) or filed, in the highest role that approved or a higher one.
    """
    if not may(user, "view_desk", case):
        return Step(why_not="You have no role in this program.")
    if case.held_until:
        return Step(why_not=on_hold(case))
    if any(approval.approved_by_id == user.pk for approval in stood):
        return Step(why_not="You approved the decision that is appealed against: another person answers.")
    if user.pk in filed_by:
        return Step(why_not="You filed this appeal: another person answers it.")
    highest = max((ROLE_ORDER.index(a.role) for a in stood if a.role in ROLE_ORDER), default=0)
    mine = roles_in(user, case.program_id)
    role = next((role for role in ROLE_ORDER[highest:] if role in mine), "")
    if not role:
        return Step(why_not=f"An appeal against this decision is for a {label(ROLE_ORDER[highest])} or a higher role.")
    interest = conflict_of_interest(user, case)
    return Step(why_not=interest) if interest else Step(role=role)


def why_only_reads(user: Any, case: Case) -> str:
    """The sentence that says why `user` may look at a case but not work on it, or ""."""
    if not may(user, "view_desk", case):
        return "You have no role in this case's program."
    return "" if roles_in(user, case.program_id) else "Your role reads cases; it does not work on them."


def conflict_of_interest(user: Any, case: Case) -> str:
    """The sentence that says why `user` has an interest in the case, or "".

    Nobody decides a case of a partner whom they manage and who is against another partner whom they do not manage.
    """
    return _interest(user, [p.partner for p in case.parties.all() if p.partner_id and p.left_at is None])


def why_no_answer(user: Any, extension: Extension, present: list[Partner]) -> str:
    """The sentence that says why `user` may not answer a request for more time, or "".

    A partner manager or a higher role answers; `present` are the partners with a claim on the same account.
    """
    if not _role_for(user, extension, ROLE_ORDER[0]):
        return "A partner manager, or a higher role, answers requests for more time."
    return _interest(user, present)


def _interest(user: Any, present: list[Partner]) -> str:
    parties = {partner.pk: partner.name for partner in present}
    managed = partners_of(user, "manage_partner") & parties.keys()
    # Whoever is of a managed partner's chain is not against it.
    managed |= {p.pk for p in present if p.distributor_id in managed}
    managed |= {p.distributor_id for p in present if p.pk in managed and p.distributor_id in parties}
    if not has_interest(managed, parties.keys()):
        return ""
    names = ", ".join(sorted(parties[partner] for partner in managed))
    return f"You manage {names}, who is against a partner you do not manage: the channel lead decides."


def why_no_lead(user: Any, program_id: Any) -> str:
    """The sentence that says why `user` does not lead the team of a program, or ""."""
    leads = {Role.CHANNEL_LEAD, Role.REVENUE_LEAD}
    return "" if leads & roles_in(user, program_id) else "This is for the channel lead or the revenue lead."


def label(step: str) -> str:
    """A step of the route in words."""
    if step.startswith(SECOND):
        return f"a second person ({Role(step.removeprefix(SECOND)).label.lower()} or higher)"
    return Role(step).label.lower()
