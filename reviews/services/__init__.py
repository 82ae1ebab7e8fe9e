"""The one door for writes to cases: each act checks permission, state and version, and writes its own audit row."""

from reviews.services.appeals import answer_appeals, confirm_answer, file_appeal
from reviews.services.asking import answer_request, request_information, take_request_back
from reviews.services.breaches import answer_breach, comment_on_breach, record_breach
from reviews.services.cases import StaleCaseError, dissolve_case, keep_case
from reviews.services.decisions import approve, current_recommendation, decide, recommended_choice, standing_decision
from reviews.services.extensions import answer_extension
from reviews.services.holds import end_hold, put_on_hold
from reviews.services.outcomes import approve_without_conflict
from reviews.services.working import add_note, claim_case, release_case

__all__ = [
    "StaleCaseError", "add_note", "answer_appeals", "answer_breach", "answer_extension", "answer_request", "approve",
    "approve_without_conflict", "claim_case", "comment_on_breach", "confirm_answer", "current_recommendation",
    "decide", "dissolve_case", "end_hold", "file_appeal", "keep_case", "put_on_hold", "recommended_choice",
    "record_breach", "release_case", "request_information", "standing_decision", "take_request_back",
]  # fmt: skip
