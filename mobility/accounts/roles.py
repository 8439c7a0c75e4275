"""Which role holds which permission."""

from mobility.accounts.enums import Role
from mobility.core.access import Permission

OWN = frozenset({Permission.CALLS_READ, Permission.DASHBOARD_READ})
READ_ALL = frozenset(
    {
        Permission.ORGANISATIONS_READ,
        Permission.APPLICATIONS_READ,
        Permission.OFFERS_READ,
        Permission.ROUNDS_READ,
        Permission.EXCHANGES_READ,
        Permission.PAYMENTS_READ,
        Permission.SURVEYS_READ,
    }
)

# Who takes part: an organisation of their own, and answers to what is proposed.
TAKES_PART = frozenset({Permission.PROFILE_OWN, Permission.EXCHANGES_READ, Permission.PROPOSALS_ANSWER})
ASSESSES = frozenset({Permission.APPLICATIONS_ASSESS, Permission.OFFERS_ASSESS})
SEES_MONEY = frozenset({Permission.EXCHANGES_READ, Permission.PAYMENTS_READ})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.APPLICANT: OWN | TAKES_PART | {Permission.APPLICATIONS_SUBMIT, Permission.APPLICATIONS_READ},
    Role.HOST: OWN | TAKES_PART | {Permission.OFFERS_SUBMIT, Permission.OFFERS_READ},
    Role.PARTNERSHIP_OFFICER: OWN | (READ_ALL - {Permission.ROUNDS_READ}) | ASSESSES,
    Role.SUPPORT_OFFICER: OWN | READ_ALL | ASSESSES | {Permission.ROUNDS_RUN},
    Role.FINANCE_INITIATOR: OWN | SEES_MONEY | {Permission.PAYMENTS_ORDER},
    Role.FINANCE_APPROVER: OWN | SEES_MONEY,
    Role.AUDITOR: OWN | READ_ALL | {Permission.AUDIT_READ},
    Role.ADMINISTRATOR: OWN | READ_ALL | {Permission.ACCOUNTS_MANAGE, Permission.AUDIT_READ},
}

# Roles whose rights end at their partnership; without one they see nothing.
PARTNERSHIP_ROLES = frozenset({Role.PARTNERSHIP_OFFICER})
# Roles that act for themselves: what they see is theirs by authorship, never by scope.
OWN_ROLES = frozenset({Role.APPLICANT, Role.HOST})
EVERYBODY = (Role.APPLICANT, Role.HOST)
