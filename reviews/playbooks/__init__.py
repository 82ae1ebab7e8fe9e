"""Playbooks: what to gather, what to weigh and what to write, for each kind of case. Pure; the standard ones are data here."""

from __future__ import annotations

from collections.abc import Mapping

from reviews.playbooks.claims import CLAIMS
from reviews.playbooks.play import NAMES, Play, problems, written
from reviews.playbooks.rules import RULES

__all__ = ["NAMES", "STANDARD_PLAYS", "Play", "problems", "written"]

STANDARD_PLAYS: Mapping[str, Play] = {play.kind: play for play in (*CLAIMS, *RULES)}
