"""Which role holds which permission."""

from mobility.accounts.enums import Role
from mobility.core.access import Permission

OWN = frozenset({Permission.CALLS_READ, Permission.DASHBOARD_READ, Permission.CATALOGUE_READ})
READ_ALL = frozenset(
    {
        Permission.ORGANISATIONS_READ,
        Permission.APPLICATIONS_READ,
        Permission.OFFERS_READ,
        Permission.ROUNDS_READ,
        Permission.EXCHANGES_READ,
        Permission.PAYMENTS_READ,
        Permission.SURVEYS_READ,
        Permission.WORK_READ,
    }
)

# Who takes part: an organisation of their own, and answers to what is proposed.
TAKES_PART = frozenset(
    {
        Permission.PROFILE_OWN,
        Permission.EXCHANGES_READ,
        Permission.PROPOSALS_ANSWER,
        Permission.PAIRS_AGREE,
        Permission.AGREEMENTS_SIGN,
        Permission.REPORTS_FILE,
    }
)
ASSESSES = frozenset({Permission.APPLICATIONS_ASSESS, Permission.OFFERS_ASSESS})
# What a partnership does for its exchanges, and the support office in its place.
LOOKS_AFTER = frozenset(
    {
        Permission.PAIRS_VALIDATE,
        Permission.EXCHANGES_RUN,
        Permission.REPORTS_VALIDATE,
        Permission.PAYMENTS_ORDER,
    }
)
SEES_MONEY = frozenset({Permission.EXCHANGES_READ, Permission.PAYMENTS_READ, Permission.WORK_READ})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.APPLICANT: OWN | TAKES_PART | {Permission.APPLICATIONS_SUBMIT, Permission.APPLICATIONS_READ},
    Role.HOST: OWN | TAKES_PART | {Permission.OFFERS_SUBMIT, Permission.OFFERS_READ},
    Role.PARTNERSHIP_OFFICER: OWN
    | (READ_ALL - {Permission.ROUNDS_READ})
    | ASSESSES
    | LOOKS_AFTER
    | {Permission.AGREEMENTS_SIGN},
    Role.SUPPORT_OFFICER: OWN
    | READ_ALL
    | ASSESSES
    | LOOKS_AFTER
    | {
        Permission.CALLS_RUN,
        Permission.ROUNDS_RUN,
        Permission.IMPORTS_RUN,
        Permission.ORGANISATIONS_MERGE,
    },
    Role.FINANCE_INITIATOR: OWN
    | SEES_MONEY
    | {Permission.PAYMENTS_ORDER, Permission.PAYMENTS_INITIATE, Permission.ACCOUNTS_CHANGE},
    Role.FINANCE_APPROVER: OWN | SEES_MONEY | {Permission.PAYMENTS_APPROVE},
    Role.AUDITOR: OWN | READ_ALL | {Permission.AUDIT_READ},
    Role.ADMINISTRATOR: OWN | READ_ALL | {Permission.ROLES_GRANT, Permission.AUDIT_READ},
}

# Roles whose rights end at their partnership; without one they see nothing.
PARTNERSHIP_ROLES = frozenset({Role.PARTNERSHIP_OFFICER})
# Who moves money.
FINANCE_ROLES = frozenset({Role.FINANCE_INITIATOR, Role.FINANCE_APPROVER})
# Granted by one administrator and approved by another; a second administrator is made by two, too.
FOUR_EYED_ROLES = FINANCE_ROLES | {Role.ADMINISTRATOR}
# Roles that act for themselves: what they see is theirs by authorship, never by scope.
OWN_ROLES = frozenset({Role.APPLICANT, Role.HOST})
EVERYBODY = (Role.APPLICANT, Role.HOST)
