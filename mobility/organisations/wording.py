"""The words of organisations."""

from flask_babel import lazy_gettext as _l

from mobility.organisations.enums import AskStatus, LikenessStatus, MemberRight, OrganisationType, Standing

TYPES = {
    OrganisationType.CLUSTER: _l("Cluster organisation"),
    OrganisationType.SUPPORT: _l("Scaling-up support organisation"),
    OrganisationType.SME: _l("Small or medium-sized enterprise"),
    OrganisationType.TRAINING: _l("Training provider"),
    OrganisationType.LARGE: _l("Large company"),
    OrganisationType.PUBLIC: _l("Public authority"),
}
RIGHTS = {
    MemberRight.EDIT: _l("may do everything for the organisation: apply, offer places, sign, answer."),
    MemberRight.VIEW: _l("may look at its profile, applications and offers, and change nothing."),
}
INVITED_TO = {
    MemberRight.EDIT: _l("Act for the organisation, as you do"),
    MemberRight.VIEW: _l("Look only"),
}
RIGHT_TAGS = {MemberRight.EDIT: ("good", _l("Acts")), MemberRight.VIEW: ("open", _l("Looks"))}
STANDINGS = {
    Standing.DECLARED: ("draft", _l("Not asked yet")),
    Standing.ASKED: ("wait", _l("Waiting for the cluster")),
    Standing.ANSWERED: ("wait", _l("Confirmed by letter, to be checked")),
    Standing.CONFIRMED: ("good", _l("Confirmed by the cluster")),
    Standing.REFUSED: ("bad", _l("Not confirmed by the cluster")),
}
QUESTIONS = {
    AskStatus.WAITING: ("wait", _l("Waiting")),
    AskStatus.CONFIRMED: ("good", _l("Is a member")),
    AskStatus.REFUSED: ("bad", _l("Is no member")),
    AskStatus.LAPSED: ("closed", _l("Ended without an answer")),
}
LIKENESSES = {
    LikenessStatus.OPEN: ("wait", _l("To look at")),
    LikenessStatus.DIFFERENT: ("closed", _l("Two organisations")),
    LikenessStatus.MERGED: ("good", _l("Merged")),
}
REASONS = {
    "number": _l("the same registration number"),
    "name": _l("the same name"),
    "near-name": _l("nearly the same name"),
    "town": _l("the same town"),
    "website": _l("the same website"),
}
MOVES = {
    "applications": _l("Applications"),
    "offers": _l("Offers"),
    "visits": _l("Exchanges as visitor"),
    "hosted": _l("Exchanges as host"),
    "pairs": _l("Agreed pairs"),
}
AGAINST = {
    "both-live": _l("Both have an application under way in the same call. One of them is withdrawn first."),
    "both-visited": _l("Both have had a visit, or one is agreed: an organisation visits once in the scheme."),
    "visited-each-other": _l("One of them has visited the other."),
}
REFUSALS = {
    "registered-already": _l(
        "%(registration)s is registered already. Ask your support office to let you act for it."
    ),
    "no-holder": _l("Name the account holder: the organisation itself."),
    "bad-iban": _l("This is not an IBAN: check its country, length and digits."),
    "bad-bic": _l("This is not a BIC: it has 8 or 11 letters and digits."),
    "no-cluster": _l("Name the cluster in the profile of your organisation first."),
    "cluster-confirmed": _l("Your cluster has confirmed the membership already."),
    "cluster-asked": _l("Your cluster is asked already and has not answered yet."),
    "cluster-asked-often": _l(
        "%(cluster)s was asked as often as we ask. Write to your partnership, or name another cluster."
    ),
    "own-address": _l("Write the address of the cluster: this is one of your own organisation."),
    "cluster-link-over": _l("This link has ended. The organisation can ask you again."),
    "member-already": _l("This person is a member of your organisation already."),
    "joined-already": _l("You are a member of this organisation already."),
    "invited-already": _l("This person is invited already. Take that invitation back to send another."),
    "invited-too-many": _l("Too many invitations wait for an answer. Take some back first."),
    "invitation-over": _l("This invitation has ended. Ask for a new one."),
    "other-address": _l("This invitation went to %(email)s. Sign in with that address."),
    "staff-apart": _l(
        "Who works for a partnership or the support office joins no organisation that takes part."
    ),
    "last-member": _l("Somebody must be able to act for the organisation. Invite a colleague first."),
    **AGAINST,
    "merged-away": _l("Another entry stands for this organisation since. Open your organisation again."),
    "merged-already": _l("One of the two is merged already."),
    "merge-clash": _l("The two cannot be one: they hold the same thing twice."),
    "account-unchecked": _l("Lump sums go to another account by this. Check the two accounts and say so."),
    "built-upon": _l(
        "A visit was proposed or agreed since with what would go back. Wait until the proposal is answered; what is "
        "agreed stays with the organisation that agreed it."
    ),
    "nobody-left": _l(
        "Nobody would act for %(organisation)s any more. The organisation invites one of its people first."
    ),
    "merge-undone": _l("This merge is undone already."),
    "merged-since": _l("The organisation that stands for both was merged itself since. Undo that first."),
    "code-taken": _l("There is a partnership with the code %(partnership)s already."),
}
