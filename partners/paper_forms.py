"""Forms that take files: each is looked at in a child process before anything is kept (docs/evidence.md)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from channelconflict.language import counted
from channelconflict.uploads import TooLargeFile
from partners.evidence_files import Brought, digest
from partners.forms import EVIDENCE_KINDS
from partners.papers.apart import TooSlowError, look_apart
from partners.papers.names import clean_name
from partners.papers.refusing import RefusedFileError

ACCEPT = ".pdf,.png,.jpg,.jpeg,.txt,.docx,.xlsx,.eml"
_MIB = 1024**2


def limits() -> str:
    """What may be brought, in a sentence."""
    text = _("PDF, PNG, JPEG, TXT, DOCX, XLSX or EML, up to %(size)s MB each, %(most)s on a registration.")
    return text % {"size": settings.UPLOAD_MAX_BYTES // _MIB, "most": settings.EVIDENCE_FILES_OF_REGISTRATION}


class FilesInput(forms.FileInput):
    """A file control that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Files, each looked at; its value is a list of Brought."""

    widget = FilesInput(attrs={"accept": ACCEPT, "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> list[Brought]:
        """All of them, or a sentence for each that cannot be taken: nothing half done."""
        files = [file for file in (data or []) if file]
        if not files and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(files) > settings.EVIDENCE_FILES_OF_REGISTRATION:
            text = _("Choose up to %(most)s files: these are %(n)s.")
            raise ValidationError(text % {"most": settings.EVIDENCE_FILES_OF_REGISTRATION, "n": len(files)})
        taken, wrong = _look_at_all(files)
        if wrong:
            raise ValidationError([*wrong, _("Choose the files again: nothing was kept.")])
        return taken


def _look_at_all(files: Iterable[UploadedFile]) -> tuple[list[Brought], list[str]]:
    taken, wrong = [], []
    for file in files:
        try:
            taken.append(looked_at(file))
        except RefusedFileError as error:
            wrong.append(said_of(file.name, error))
            if isinstance(error, TooSlowError):  # a second slow one would keep everybody waiting
                break
    return taken, wrong


def said_of(name: str | None, error: RefusedFileError) -> str:
    """Why a file cannot be taken, in the language at hand: its name, and what is wrong with it."""
    return _("%(file)s %(trouble)s") % {"file": clean_name(name or "")[0], "trouble": error.told(_, counted)}


def looked_at(file: UploadedFile) -> Brought:
    """One uploaded file as it may be kept, or RefusedFileError."""
    name, strange = clean_name(file.name or "")
    check_size(file)
    seen = look_apart(file.file, name)
    sha256 = digest(file.file)
    return Brought(name, seen.form, file.size or 0, sha256, (*strange, *seen.flags), file.file)


def check_size(file: UploadedFile) -> None:
    """Refuse what the upload handler has thrown away."""
    size, most = file.size or 0, settings.UPLOAD_MAX_BYTES
    if size > most:
        text = gettext_noop("has %(size)s bytes; %(most)s are allowed.")
        raise RefusedFileError(text, size=size, most=most)
    if isinstance(file, TooLargeFile):
        text = gettext_noop("was one too many: send up to %(size)s MB at once.")
        raise RefusedFileError(text, size=settings.UPLOAD_MAX_BYTES_OF_REQUEST // _MIB)


class PaperForm(forms.Form):
    """Papers behind a registration: files, or one described in words, or both."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[("", gettext_lazy("Choose")), *EVIDENCE_KINDS],
        error_messages={"required": gettext_lazy("Choose what it is.")},
    )  # fmt: skip
    file = FilesField(label=gettext_lazy("Files"), required=False)
    note = forms.CharField(
        label=gettext_lazy("What it says"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Who wrote it, when, and what it says. Needed where there is no file."),
    )  # fmt: skip

    def __init__(self, data: Any = None, files: Any = None, *, beside: bool = False) -> None:
        """`beside`: at the end of another form, where it may stay empty."""
        self.beside = beside
        super().__init__(data, files, prefix="paper")
        self.fields["file"].help_text = limits()
        if beside:
            self.fields["kind"].required = False
            del self.fields["note"]

    def clean(self) -> None:
        """A paper is a file or words; files are of a kind."""
        said = self.cleaned_data
        if self.beside and said.get("file") and not said.get("kind"):
            self.add_error("kind", _("Choose what the files are. Choose them again, too: nothing was kept."))
        if not self.beside and "file" not in self.errors and not said.get("file") and not said.get("note"):
            self.add_error("file", _("Choose a file, or write below who wrote the paper, when, and what it says."))


class WithdrawPaperForm(forms.Form):
    """Why a paper counts no more."""

    reason = forms.CharField(
        label="Why it counts no more",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Its party reads this sentence: speak of the paper alone, and of nobody else.",
        error_messages={"required": "Say in a sentence why it counts no more."},
    )
