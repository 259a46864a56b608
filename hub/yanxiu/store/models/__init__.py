"""What the platform keeps, one module a subject. Tables only: no queries, no rules."""

from .base import Base
from .courses import Assignment, Course, Enrolment, Offering, Release, ReleaseUnit
from .ledger import AuditEvent, CreditEntry, SiteFact
from .people import (
    ApiToken,
    Consent,
    Credential,
    GradingDuty,
    GroupMember,
    NameRequest,
    Organization,
    OrganizationAlias,
    Person,
    Profile,
    ResearchGroup,
    RoleGrant,
    RosterUpload,
)
from .sso import SsoBinding, SsoRequest
from .work import CriterionMark, Draft, GradingJob, Submission, TaskScore

__all__ = [
    "ApiToken",
    "Assignment",
    "AuditEvent",
    "Base",
    "Consent",
    "Course",
    "Credential",
    "CreditEntry",
    "CriterionMark",
    "Draft",
    "Enrolment",
    "GradingDuty",
    "GradingJob",
    "GroupMember",
    "NameRequest",
    "Offering",
    "Organization",
    "OrganizationAlias",
    "Person",
    "Profile",
    "Release",
    "ReleaseUnit",
    "ResearchGroup",
    "RoleGrant",
    "RosterUpload",
    "SiteFact",
    "SsoBinding",
    "SsoRequest",
    "Submission",
    "TaskScore",
]
