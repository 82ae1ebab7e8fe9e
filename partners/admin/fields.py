"""Form fields for lists of codes: typed one per line or as check boxes, checked with sentences that name what is wrong."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from partners.places import COUNTRIES, SUBDIVISIONS

_BY_NAME = {name.casefold(): code for code, name in COUNTRIES.items()}
_SUBDIVISION = re.compile(r"^[A-Z]{2}-[A-Z0-9]{1,3}$")


class ListField(forms.Field):
    """A list of short texts, separated by new lines (and by commas or semicolons, unless they may be part of one)."""

    widget = forms.Textarea

    def __init__(
        self,
        *,
        each: Callable[[str], str] = str,
        longest: int = 60,
        lines_only: bool = False,
        rows: int = 2,
        **kwargs: Any,
    ) -> None:
        self.each, self.longest, self.lines_only = each, longest, lines_only
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """A list as people type it."""
        return ("\n" if self.lines_only else ", ").join(value) if isinstance(value, (list, tuple)) else value

    def to_python(self, value: Any) -> list[str]:
        """Each entry once, in its one spelling; all wrong entries are named together."""
        parts = (
            value
            if isinstance(value, (list, tuple))
            else re.split(r"[\n\r]+" if self.lines_only else r"[\n\r,;]+", value or "")
        )
        found, wrong = [], []
        for part in parts:
            text = " ".join(part.split())
            try:
                found += [self._checked(text)] if text else []
            except ValidationError as error:
                wrong += error.messages
        if wrong:
            raise ValidationError(wrong)
        return list(dict.fromkeys(found))

    def _checked(self, text: str) -> str:
        if "\x00" in text:
            raise ValidationError("A character in here cannot be stored. Type the line again.")
        value = self.each(text)
        if len(value) > self.longest:
            raise ValidationError(f"“{value[:40]}…” is too long: {self.longest} characters at most.")
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as lists, so that another spacing is no change."""
        try:
            return self.to_python(data) != list(initial or [])
        except ValidationError:
            return True


class CodeBoxes(forms.MultipleChoiceField):
    """Check boxes of codes; a stored code that is no longer offered stays a choice, so that saving loses nothing."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple(attrs={"class": "choices"}))
        super().__init__(**kwargs)

    def offer(self, choices: Sequence[tuple[str, str]], stored: Sequence[str] = ()) -> None:
        """Set what can be chosen."""
        known = {code for code, _ in choices}
        self.choices = [*choices, *((code, f"{code} (no longer offered)") for code in stored if code not in known)]


def country(text: str) -> str:
    """The two-letter code of a country typed as code or name."""
    code = _BY_NAME.get(text.casefold(), text.upper())
    if code not in COUNTRIES:
        raise ValidationError(f"“{text}” is not a country. Write its two-letter code (ISO 3166), as in DE, FR or US.")
    return code


def subdivision(text: str) -> str:
    """The ISO 3166-2 code of a state or province, such as US-TX."""
    code = text.upper()
    home = code[:2]
    listed = any(known.startswith(f"{home}-") for known in SUBDIVISIONS)
    if not _SUBDIVISION.match(code) or home not in COUNTRIES or (listed and code not in SUBDIVISIONS):
        raise ValidationError(f"“{text}” is not a state or province. Write country and code (ISO 3166-2), as in US-TX.")
    return code


def postal_prefix(text: str) -> str:
    """The beginning of a postal code."""
    value = text.upper()
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9 -]*", value):
        raise ValidationError(
            f"“{text}” is not the beginning of a postal code: use letters, digits, spaces and hyphens."
        )
    return value


def industry(text: str) -> str:
    """The beginning of an industry code."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._-]*", text):
        raise ValidationError(f"“{text}” is not an industry code: use letters, digits, dots and hyphens, as in 325.")
    return text


class CountryField(forms.CharField):
    """One country, typed as code or name."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "Two-letter code, as in DE or US.")
        super().__init__(required=False, max_length=60, widget=forms.TextInput(attrs={"size": 8}), **kwargs)

    def clean(self, value: Any) -> str:
        """The code, or nothing."""
        text = super().clean(value)
        return country(text) if text else ""
