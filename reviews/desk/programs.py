"""Which program a page of figures is about: the one that is asked for, else the first that the reader may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404

from partners.models import Program
from partners.permissions import visible
from reviews.desk.queue import Link


@dataclass(frozen=True)
class Chosen:
    """A program, and links to the others."""

    program: Program
    links: list[Link]


def chosen_program(user: Any, data: Mapping[str, str]) -> Chosen:
    """The program of the address's `program` code; an unknown code and somebody else's are the same 404."""
    programs = list(visible(user, Program.objects.order_by("name", "pk")))
    code = data.get("program", "")
    found = next((program for program in programs if not code or program.code == code), None)
    if found is None:
        raise Http404("Not found.")
    links = [Link(program.name, f"?program={program.code}", program == found) for program in programs]
    return Chosen(found, links if len(links) > 1 else [])
