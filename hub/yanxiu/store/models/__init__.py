"""What the platform keeps, one module a subject. Tables only: no queries, no rules."""

from .base import Base
from .courses import Assignment, Course, Enrolment, Offering, Release, ReleaseUnit
from .ledger import AuditEvent, CreditEntry, SiteFact
from .people import (
    ApiToken,
    Credential,
    GroupMember,
    Organization,
    OrganizationAlias,
    Person,
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
    "Course",
    "Credential",
    "CreditEntry",
    "CriterionMark",
    "Draft",
    "Enrolment",
    "GradingJob",
    "GroupMember",
    "Offering",
    "Organization",
    "OrganizationAlias",
    "Person",
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
