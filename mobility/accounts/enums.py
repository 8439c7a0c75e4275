"""Roles."""

from enum import StrEnum


class Role(StrEnum):
    """Who somebody is in the scheme."""

    APPLICANT = "applicant"
    HOST = "host"
    PARTNERSHIP_OFFICER = "partnership_officer"
    SUPPORT_OFFICER = "support_officer"
    FINANCE_INITIATOR = "finance_initiator"
    FINANCE_APPROVER = "finance_approver"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
