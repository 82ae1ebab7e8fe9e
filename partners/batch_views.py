"""Register many deals from one file: template, upload, preview, progress, what became of each row, the rows to mend."""

import uuid
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channelconflict.language import counted
from partners.batch_files import TO_MEND, WORST_FIRST, allowed_values, csv_template, rows_to_mend, xlsx_template
from partners.batch_rows import MOST_ROWS, Reader
from partners.batches import preview_batch, send_batch
from partners.evidence_files import digest
from partners.models import Partner, RegistrationBatch, RowState
from partners.paper_forms import check_size, said_of
from partners.papers.apart import table_apart
from partners.papers.names import clean_name
from partners.papers.refusing import RefusedFileError
from partners.permissions import get_or_404, visible
from partners.views import PortalView, attempt, products_of, today_in, user_of

ROWS_SHOWN = 50
BATCHES_SHOWN = 20


class ManyForm(forms.Form):
    """A file of deals, and for whom."""

    claimant = forms.ChoiceField(
        label=gettext_lazy("Registered for"), error_messages={"required": gettext_lazy("Choose for whom you register.")}
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,  # our own sentence says it
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={"required": gettext_lazy("Choose the file with your deals.")},
    )

    def __init__(self, data: Any = None, files: Any = None, *, partners: list[Partner]) -> None:
        self.partners = {str(partner.pk): partner for partner in partners}
        super().__init__(data, files)
        self.fields["file"].help_text = _("CSV or XLSX, up to %(most)s deals.") % {"most": counted(MOST_ROWS)}
        field: Any = self.fields["claimant"]
        several = len({partner.program_id for partner in partners}) > 1
        field.choices = [
            (key, f"{p.name} · {p.program.name}" if several else p.name) for key, p in self.partners.items()
        ]
        if len(partners) == 1:
            field.widget, field.initial = forms.HiddenInput(), str(partners[0].pk)


class ManyView(PortalView):
    """Bring a file; each row is judged and shown, and nothing is registered yet."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, the templates, and what was brought lately."""
        return self._page(ManyForm(partners=self.partners))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Judge the rows, and lead to the preview."""
        form = ManyForm(request.POST, request.FILES, partners=self.partners)
        batch = self._preview(form) if form.is_valid() else None
        return redirect("portal:batch", batch.pk) if batch else self._page(form)

    def _preview(self, form: ManyForm) -> RegistrationBatch | None:
        partner, file = form.partners[form.cleaned_data["claimant"]], form.cleaned_data["file"]
        name = clean_name(file.name)[0]
        try:
            columns, rows = _rows_of(file, partner)
        except RefusedFileError as error:
            form.add_error("file", said_of(file.name, error))
            return None
        if not rows:
            text = _("%(file)s has no deals below its header (the example is left out).")
            form.add_error("file", text % {"file": name})
            return None
        words: dict[str, Any] = {"by": user_of(self.request), "at": timezone.now(), "sha256": digest(file.file)}
        return attempt(
            self.request,
            lambda: preview_batch(partner=partner, file_name=name, columns=columns, rows=rows, **words),
            form,
        )

    def _page(self, form: ManyForm) -> HttpResponse:
        mine = visible(self.request.user, RegistrationBatch.objects.select_related("partner", "brought_by"))
        done = Count("lines", filter=Q(lines__state=RowState.DONE))
        listed = mine.annotate(rows_brought=Count("lines"), done=done).order_by("-pk")[:BATCHES_SHOWN]
        partner = self.partners[0]
        return self.page("many", form=form, batches=list(listed), values=allowed_values(_reader(partner, [])))


def _reader(partner: Partner, columns: list[str]) -> Reader:
    return Reader(partner, products_of(partner.program), today_in(partner.program), columns)


def _rows_of(file: UploadedFile, partner: Partner) -> tuple[list[str], list[Any]]:
    """The columns and the judged rows of a file, read in a child process."""
    check_size(file)
    (_line, header), *rows = table_apart(file.file, MOST_ROWS)
    columns = [cell.strip() for cell in header]
    reader = _reader(partner, columns)
    reader.check_header()
    return columns, reader.judge(rows)


class BatchView(PortalView):
    """What each row would do; once sent, how far it is, and what became of each. It can be left and found again."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """One page of rows, those to mend first."""
        return self._page(self._batch(pk))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Register the good rows, once."""
        batch, by, at = self._batch(pk), user_of(request), timezone.now()
        attempt(request, lambda: send_batch(batch=batch, by=by, at=at))
        return redirect("portal:batch", batch.pk)

    def _batch(self, pk: uuid.UUID) -> RegistrationBatch:
        rows = RegistrationBatch.objects.select_related("partner", "program", "brought_by")
        return get_or_404(self.request.user, rows, pk=pk)

    def _page(self, batch: RegistrationBatch) -> HttpResponse:
        counts = dict(batch.lines.order_by().values_list("state").annotate(Count("pk")))
        total = sum(counts.values())
        asked = self.request.GET.get("page", "1")
        pages = max(1, -(-total // ROWS_SHOWN))
        number = min(max(int(asked), 1), pages) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1
        first = (number - 1) * ROWS_SHOWN
        rows = batch.lines.select_related("registration").order_by(WORST_FIRST, "line")[first : first + ROWS_SHOWN]
        new, done = counts.get(RowState.NEW, 0), counts.get(RowState.DONE, 0)
        return self.page(
            "batch", batch=batch, rows=list(rows), zone=batch.program.timezone, new=new, done=done, total=total,
            sent=total - counts.get(RowState.BAD, 0) if batch.sent_at else 0,
            to_mend=sum(counts.get(state, 0) for state in TO_MEND), duplicates=counts.get(RowState.DUPLICATE, 0),
            running=bool(batch.sent_at and not batch.finished_at),
            ended=total - new - counts.get(RowState.BAD, 0), number=number, pages=pages,
        )  # fmt: skip


class ToMendView(BatchView):
    """The bad rows as a CSV."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The file."""
        batch = self._batch(pk)
        return _csv("".join(rows_to_mend(batch)), "to-mend.csv")

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """It is fetched, not sent."""
        return HttpResponse(status=405)


def _csv(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


class CsvTemplateView(PortalView):
    """The file to begin with, for the program asked for, or the first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """As CSV."""
        return _csv("".join(csv_template(self._reader())), "register-many.csv")

    def _reader(self) -> Reader:
        asked = self.request.GET.get("program", "")
        partner = next((p for p in self.partners if str(p.program_id) == asked), self.partners[0])
        return _reader(partner, [])


class XlsxTemplateView(CsvTemplateView):
    """The same as a workbook."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """With the values of each column on a second sheet."""
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        response = HttpResponse(xlsx_template(self._reader()), content_type=kind)
        response["Content-Disposition"] = 'attachment; filename="register-many.xlsx"'
        return response
