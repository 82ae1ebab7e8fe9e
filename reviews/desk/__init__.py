"""What queue and case page show: frozen values of a fixed number of queries. Templates get decisions, no roles."""

from reviews.desk.case import CasePage, Side, can_be_snoozed, case_page, sides_of
from reviews.desk.decided import DecidedPage, decided_page
from reviews.desk.extensions import Request, request_page, requests_page
from reviews.desk.leaving import Leaving, last_of
from reviews.desk.material import cases
from reviews.desk.queue import Asked, QueuePage, first_free, queue_page
from reviews.desk.saved import saved_for

__all__ = [
    "Asked", "CasePage", "DecidedPage", "Leaving", "QueuePage", "Request", "Side", "can_be_snoozed", "case_page", "cases",
    "decided_page", "first_free", "last_of", "queue_page", "request_page", "requests_page", "saved_for", "sides_of",
]  # fmt: skip
