"""The words of accounts."""

from flask_babel import lazy_gettext as _l

from mobility.accounts.enums import Role

ROLES = {
    Role.APPLICANT: _l("Applicant"),
    Role.HOST: _l("Host"),
    Role.PARTNERSHIP_OFFICER: _l("Partnership officer"),
    Role.SUPPORT_OFFICER: _l("Support officer"),
    Role.FINANCE_INITIATOR: _l("Finance initiator"),
    Role.FINANCE_APPROVER: _l("Finance approver"),
    Role.AUDITOR: _l("Auditor"),
    Role.ADMINISTRATOR: _l("Administrator"),
}
REFUSALS = {
    "role-not-held": _l("The person does not hold this role."),
    "not-to-oneself": _l(
        "Nobody gives or approves a role for money to themselves. Ask another administrator."
    ),
    "same-administrator": _l("You gave this role yourself. It needs a second administrator to approve it."),
    "grant-approved": _l("This role is in force already: %(name)s approved it. Nothing was done twice."),
    "grant-unsigned": _l(
        "Nobody is named who gave this role, so nobody can approve it. Take it away and give it again."
    ),
    "needs-two-administrators": _l(
        "A role for money needs two administrators: one gives it on the page “People”, another approves it there."
    ),
    "not-yourself": _l("You cannot take this away from yourself. Ask another administrator."),
    "second-factor-needed": _l("Your role needs the second step: it cannot be turned off."),
    "no-second-factor": _l("The person has not set up a second step."),
    "not-a-demo-account": _l("Codes are shown only for accounts of a demonstration."),
}
