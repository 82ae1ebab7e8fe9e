"""What changes for partners from one version of the rules to the next: the difference of two summaries. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ORDER = "The order of these"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the summary that is new, gone ("" = not there) or says something else."""

    part: str
    label: str
    before: str
    now: str


def changes_between(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> list[Change]:
    """The changes from the parts of one summary to those of another, in the order in which partners read them."""
    old = {str(part["title"]): part for part in before}
    new = {str(part["title"]): part for part in now}
    titles = [*new, *(title for title in old if title not in new)]
    return [change for title in titles for change in _of_part(title, old.get(title, {}), new.get(title, {}))]


def _of_part(title: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    old, new = _lines(before), _lines(now)
    note_before, note_now = str(before.get("note", "")), str(now.get("note", ""))
    if note_before != note_now:
        yield Change(title, "Of all of this", note_before, note_now)
    for label in [*new, *(label for label in old if label not in new)]:
        if old.get(label, "") != new.get(label, ""):
            yield Change(title, _plain(label), old.get(label, ""), new.get(label, ""))
    both_before = [label for label in old if label in new]
    both_now = [label for label in new if label in old]
    if both_before != both_now:
        yield Change(title, ORDER, _in_order(both_before), _in_order(both_now))


def _lines(part: Mapping[str, Any]) -> dict[tuple[str, int], str]:
    """The lines by label; two lines of one label are told apart by their place."""
    found: dict[tuple[str, int], str] = {}
    for line in part.get("lines", ()):
        label, number = str(line["label"]), 1
        while (label, number) in found:
            number += 1
        found[label, number] = str(line["text"])
    return found


def _plain(key: tuple[str, int]) -> str:
    return key[0]


def _in_order(keys: Sequence[tuple[str, int]]) -> str:
    return ", then ".join(label for label, _ in keys)
