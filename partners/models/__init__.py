"""The facts: who sells what to whom, under which papers."""

from partners.models.account import Account, AccountName, Ownership, OwnershipRole, Segment, Unit
from partners.models.agreement import AccountException, Agreement, AgreementStatus
from partners.models.evidence_file import EvidenceFile, FileForm
from partners.models.identity import ChangeKind, IdentityChange, MatchVerdict, Verdict
from partners.models.invitation import Invitation
from partners.models.lead import Lead, LeadContact, LeadOffer, LeadStatus, OfferStatus
from partners.models.lookup import AccountKey, AccountMark, NameToken
from partners.models.partner import (
    MemberRole,
    Membership,
    Partner,
    PartnerGroupPermission,
    PartnerLanguage,
    PartnerStatus,
    PartnerType,
    PartnerUserPermission,
    Tier,
)
from partners.models.pasted import PastedText
from partners.models.program import (
    ImportBatch,
    ProductLine,
    Program,
    ProgramGroupPermission,
    ProgramUserPermission,
    SourceRecord,
)
from partners.models.protection import Extension, ExtensionStatus, Protection, ProtectionTerms, WaitingParty
from partners.models.quote import CLOSED_STAGES, CrmOpportunity, PriceQuote, SupportTicket
from partners.models.registration import (
    PENDING,
    Activity,
    ActivityKind,
    Evidence,
    Registration,
    RegistrationStatus,
    Stage,
)
from partners.models.registration_batch import BatchRow, RegistrationBatch, RowState
from partners.models.territory import Territory, TerritoryAssignment
from partners.models.touch import Touch, TouchKind
from partners.models.unfinished import Unfinished

__all__ = [
    "CLOSED_STAGES",
    "PENDING",
    "Account",
    "AccountException",
    "AccountKey",
    "AccountMark",
    "AccountName",
    "Activity",
    "ActivityKind",
    "Agreement",
    "AgreementStatus",
    "BatchRow",
    "ChangeKind",
    "CrmOpportunity",
    "Evidence",
    "EvidenceFile",
    "Extension",
    "ExtensionStatus",
    "FileForm",
    "IdentityChange",
    "ImportBatch",
    "Invitation",
    "Lead",
    "LeadContact",
    "LeadOffer",
    "LeadStatus",
    "MatchVerdict",
    "MemberRole",
    "Membership",
    "NameToken",
    "OfferStatus",
    "Ownership",
    "OwnershipRole",
    "Partner",
    "PartnerGroupPermission",
    "PartnerLanguage",
    "PartnerStatus",
    "PartnerType",
    "PartnerUserPermission",
    "PastedText",
    "PriceQuote",
    "ProductLine",
    "Program",
    "ProgramGroupPermission",
    "ProgramUserPermission",
    "Protection",
    "ProtectionTerms",
    "Registration",
    "RegistrationBatch",
    "RegistrationStatus",
    "RowState",
    "Segment",
    "SourceRecord",
    "Stage",
    "SupportTicket",
    "Territory",
    "TerritoryAssignment",
    "Tier",
    "Touch",
    "TouchKind",
    "Unfinished",
    "Unit",
    "Verdict",
    "WaitingParty",
]
