"""A marker in every text of every row, which says whose it is: seen on somebody else's page, it is a leak.

A marker is `cnry` + owner + program + number of the field, e.g. `cnryalpn04f`. The owner is alp or bet (a partner's own
rows), shr (the program's catalogue, which its partners read), prg (the program's name) or stf (for staff alone); the
program is n (northwind) or s (southwind). The models are walked: a text field without a marker fails.
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import connections, models
from psycopg.types.json import Jsonb

from channelconflict.models import AuditEvent, User
from conflicts.models import PolicySummary
from partners import models as m
from reviews import models as r
from tests.factories import Cast

MARKER = re.compile(r"cnry((?:alp|bet|shr|prg|stf)[ns])([0-9a-f]{3})", re.IGNORECASE)
LENGTH = len("cnryalpn04f")
ROOMS = ("channelconflict", "partners", "conflicts", "reviews")

# What a partner may see of itself; everything else that has a partner column is for staff alone.
OF_PARTNERS = {m.Registration, m.Activity, m.Evidence, m.Agreement, m.TerritoryAssignment, m.Membership, m.Partner,
               m.ProtectionTerms, m.Extension, m.WaitingParty, m.Unfinished, m.LeadOffer, m.LeadContact, r.Party, r.Message,
               m.EvidenceFile, m.RegistrationBatch, m.BatchRow,
               r.Notice, r.MediationSide, r.ProposalAnswer, r.Concern, r.Appeal, r.Breach, m.Territory, m.Invitation,
               r.Survey, r.PolicyAcknowledgement, r.Sending, r.SendingTry, r.Enclosure, r.NoticePreference, r.Webhook,
               r.WebhookSecret, m.PartnerLanguage}  # fmt: skip
SHARED = {m.ProductLine, m.Tier, PolicySummary}

# Texts that cannot hold a marker, and why. "*" = of any model.
UNMARKED = {
    "*.product_lines": "codes of the catalogue", "*.product_line": "a code of the catalogue",
    "*.code": "codes of the catalogue, and of the program in addresses and commands",
    "*.flags": "words of the product's own",
    "*.sha256": "a digest", "*.document_sha256": "a digest", "*.rule_id": "the id of a rule",
    "*.live_rule_id": "the id of a rule", "*.facts_sha256": "a digest", "*.snapshot_sha256": "a digest", "*.key": "a digest",
    "*.asked_sha256": "a digest", "*.token_sha256": "a digest",
    "*.hash": "a digest", "*.previous_hash": "a digest", "*.chain": "ids", "User.password": "a digest",
    "*.timezone": "a name of the time-zone database", "*.kind": "a word of the product's own",
    "*.countries": "codes of countries", "*.subdivisions": "codes of places", "*.postal_prefixes": "prefixes of codes",
    "*.industries": "codes of industries", "*.required_certification": "a code", "*.industry": "a code",
    "*.lifts": "kinds of findings", "*.finding_kinds": "kinds of findings", "*.tiers": "codes of tiers",
    "Calibration.bins": "numbers", "*.requested_fields": "names of fields", "*.route": "roles", "*.pending": "roles",
    "*.role": "a role", "*.decided_as": "a role", "*.support": "ids", "*.shares": "ids and numbers",
    "*.action": "a word of the product's own", "*.subject_type": "the name of a model",
    "*.against_kind": "the name of a model", "*.against_id": "an id", "*.engine": "a word of the product's own",
    "*.changes": "ids", "*.stage": "a word of the sales process", "Signal.subject": "ids and codes",
    "Signal.series": "days and numbers", "DriftAlarm.path": "days and numbers", "Feedback.subject": "a digest",
    "WeightsProposal.points": "codes and numbers",
    "Case.handed_to": "a role", "Case.escalated_to": "a role", "Escalation.from_role": "a role",
    "Escalation.to_role": "a role",
    "SendingTry.result": "a word of the product's own",
    "Attempt.result": "a word of the product's own", "Study.reason_code": "a word of the product's own",
    "AutomaticApproval.region": "a code of a place", "AutomaticApproval.rule": "the id of a rule",
    "SpotCheckWeek.seed": "a digest", "SpotCheck.reason_code": "a word of the product's own",
    "AppealAnswer.choice": "ids and numbers", "Hold.ends_before": "ids and times",
}  # fmt: skip
PLAIN = (
    models.UUIDField, models.DateTimeField, models.DateField, models.BooleanField, models.IntegerField,
    models.DecimalField, models.FloatField, models.ForeignKey, models.OneToOneField,
)  # fmt: skip
# In a JSON document these keys hold names and the like; elsewhere a text with a space is taken for a sentence.
NAMES = {"name", "account_name", "title", "note", "value", "file"}


@dataclass
class Marked:
    """What was marked: whose each row is, and which fields carry markers of whom."""

    owner_of: dict[uuid.UUID, tuple[str, str]] = field(default_factory=dict)  # and of which model
    rows: dict[type[models.Model], dict[str, list[Any]]] = field(default_factory=dict)
    fields: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    unmarked: list[str] = field(default_factory=list)
    case_numbers: set[int] = field(default_factory=set)


def all_models() -> list[type[models.Model]]:
    """Every model of ours, history included."""
    found = [x for x in apps.get_models(include_auto_created=True) if x._meta.app_label in ROOMS]
    return sorted(found, key=lambda model: model._meta.label)


def original(model: type[models.Model]) -> type[models.Model]:
    """The model itself, or the one that a historical model tells of."""
    return getattr(model, "instance_type", model)


def text_fields(model: type[models.Model]) -> Iterator[models.Field]:
    """The fields that can hold words; one of a class that nobody has thought of is an error."""
    for f in model._meta.concrete_fields:
        array = isinstance(f, ArrayField) and isinstance(f.base_field, models.CharField)
        if array or isinstance(f, models.CharField | models.TextField | models.JSONField):
            if not f.choices and not (isinstance(f, models.CharField) and (f.max_length or 999) < LENGTH):
                yield f
        else:
            simple = isinstance(f, PLAIN) or f.get_internal_type() == "DateTimeRangeField"
            assert simple or isinstance(f, ArrayField), (
                f"say in tests/canary.py what {model._meta.label}.{f.name} holds"
            )


def excused(model: type[models.Model], name: str) -> bool:
    """Whether the field cannot hold a marker."""
    return f"*.{name}" in UNMARKED or f"{original(model).__name__}.{name}" in UNMARKED


NUMBERS = {
    (model._meta.label, f.name): number
    for number, (model, f) in enumerate((model, f) for model in all_models() for f in text_fields(model))
}


def field_of(number: str) -> str:
    """The field that a marker's number stands for."""
    return next((f"{label}.{name}" for (label, name), n in NUMBERS.items() if n == int(number, 16)), "?")


class Marker:
    """Marks every row of the programs of some casts, as the owner of the tables and with their triggers off."""

    def __init__(self, casts: Iterable[Cast]) -> None:
        self.done = Marked()
        self.letter: dict[Any, str] = {}
        self.partner: dict[Any, str] = {}
        self.user: dict[Any, str] = {}
        assigned = m.TerritoryAssignment.objects.using("owner").filter(partner__isnull=False)
        self.territory = dict(assigned.values_list("territory", "partner"))
        for cast, letter in zip(casts, "ns", strict=True):
            self.letter[cast.program.pk] = letter
            self.partner |= {cast.alpha.pk: f"alp{letter}", cast.beta.pk: f"bet{letter}"}
            staff = (user for user in cast.staff.values() if user.is_staff)
            self.user |= {user.pk: f"stf{letter}" for user in staff}
            self.user |= {cast.acme_rep.pk: f"alp{letter}", cast.acme_admin.pk: f"alp{letter}"}
            self.user |= {cast.rival_rep.pk: f"bet{letter}", cast.rival_admin.pk: f"bet{letter}"}

    def owner(self, model: type[models.Model], row: dict[str, Any]) -> str:
        """Whose row it is; "" = nobody's (tables without partner data and without words)."""
        base = original(model)
        if base is User:
            return self.user.get(row["id"], "")
        if base is AuditEvent and row["actor_id"] in self.user:  # an act is whoever's did it
            return self.user[row["actor_id"]]
        letter = self.letter.get(row["id"] if base is m.Program else row.get("program_id"), "")
        if not letter:
            return ""
        if base is m.Program:
            return f"prg{letter}"
        if base in SHARED:
            return f"shr{letter}"
        partner = row["id"] if base is m.Partner else row.get("partner_id")
        if base is m.Territory:  # whoever works it reads it
            partner = self.territory.get(row["id"])
        if base in OF_PARTNERS and partner in self.partner:
            return self.partner[partner]
        return f"stf{letter}"

    def mark(self) -> Marked:
        """Mark everything; say whose each row is."""
        with connections["owner"].cursor() as cursor:
            for model in all_models():
                cursor.execute(f'alter table "{model._meta.db_table}" disable trigger user')
            for model in all_models():
                self._model(cursor, model)
            for model in all_models():
                cursor.execute(f'alter table "{model._meta.db_table}" enable trigger user')
        return self.done

    def _model(self, cursor: Any, model: type[models.Model]) -> None:
        fields = [f for f in text_fields(model) if not excused(model, f.name)]
        owners: dict[str, list[Any]] = defaultdict(list)
        for row in list(model._base_manager.using("owner").order_by("pk").values()):
            owner = self.owner(model, row)
            if not owner:
                continue
            key = row[model._meta.pk.attname]
            owners[owner].append(key)
            if isinstance(key, uuid.UUID):
                self.done.owner_of[key] = owner, model._meta.label
            if model is r.Case:
                self.done.case_numbers.add(row["number"])
            changed = self._marked(model, fields, row, owner)
            if changed:
                names = ", ".join(f'"{name}" = %s' for name in changed)
                sql = f'update "{model._meta.db_table}" set {names} where "{model._meta.pk.column}" = %s'
                cursor.execute(sql, [*changed.values(), key])
        self.done.rows[model] = dict(owners)

    def _marked(self, model: Any, fields: list[models.Field], row: dict[str, Any], owner: str) -> dict[str, Any]:
        changed = {}
        for f in fields:
            name = f"{model._meta.label}.{f.name}"
            value = with_marker(f, row[f.attname], f"cnry{owner}{NUMBERS[model._meta.label, f.name]:03x}")
            text = str(value.obj if isinstance(value, Jsonb) else value)
            if MARKER.search(text):
                self.done.fields[name].add(owner)
                changed[f.column] = value
            elif row[f.attname] not in (None, "", [], {}):
                self.done.unmarked.append(f"{name} of {row[model._meta.pk.attname]}")
        return changed


def with_marker(f: models.Field, value: Any, marker: str) -> Any:
    """The value with the marker in it, still of the form that the field's readers expect."""
    if isinstance(f, ArrayField):
        return [*(value or []), marker]
    if isinstance(f, models.JSONField):
        return Jsonb(in_document(value, marker))
    if f.name == "body" and str(value).startswith("{"):  # of an AuditEvent: canonical JSON
        return str(value).replace('"facts":{', f'"facts":{{"canary":"{marker}",', 1).replace(",}", "}")
    value = str(value or "")
    if f.name == "external_id" and not value:  # none, not an empty one: the number takes its place
        return value
    if isinstance(f, models.EmailField):
        return f"{marker}.{value or 'x@example.com'}"
    if f.name.endswith("domain"):
        return f"{marker}.{value or 'example'}"
    if any(isinstance(v, RegexValidator) for v in f.validators):
        return f"{marker}-{value}"
    whole = f"{marker} {value}".strip()
    limit = f.max_length or 10_000
    return whole if len(whole) <= limit else marker + value[max(0, len(value) - limit + LENGTH) :]


def in_document(value: Any, marker: str) -> Any:
    """A JSON value with the marker in its sentences and names; in a list or object without any, beside the rest."""
    done = _leaves(value, marker, key="")
    if MARKER.search(str(done)):
        return done
    if isinstance(value, list) and value:
        return [*value, [marker] * 3 if isinstance(value[0], list) else marker]
    return {**value, "canary": marker} if isinstance(value, dict) else value


def _leaves(value: Any, marker: str, key: str) -> Any:
    if isinstance(value, dict):
        return {k: _leaves(v, marker, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_leaves(v, marker, "") for v in value]
    wordy = isinstance(value, str) and value and (" " in value or key in NAMES)
    return f"{marker} {value}" if wordy else value
