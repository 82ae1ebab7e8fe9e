"""The name of a file as it may be kept and shown: no path, no control characters, and what was strange about it."""

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST = 150
_TURNED = {"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "PDF", "PDI", "FSI"}
_MARKS = "\u200e\u200f\u061c"  # marks of direction, which have a class of their own


def clean_name(raw: str) -> tuple[str, tuple[str, ...]]:
    """The cleaned name (never empty, at most LONGEST characters, the ending kept) and the flags of what it held."""
    flags = []
    name = unicodedata.normalize("NFC", raw)
    parts = [part for part in re.split(r"[/\\]", name) if part not in ("", ".", "..")]
    if len(re.split(r"[/\\]", name)) > 1 or ".." in re.split(r"[/\\]", name):
        flags.append("path")
    name = parts[-1] if parts else ""
    if any(unicodedata.bidirectional(letter) in _TURNED or letter in _MARKS for letter in name):
        flags.append("right_to_left")
    kept = "".join(letter for letter in name if unicodedata.category(letter)[0] not in "CZ" or letter == " ")
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in name):
        flags.append("control")
    kept = re.sub(r" +", " ", kept).strip(" .") or "file"
    if len(kept) > LONGEST:
        ending = PurePosixPath(kept).suffix[:10]
        kept = kept[: LONGEST - len(ending)].rstrip(" .") + ending
    return kept, tuple(flags)
