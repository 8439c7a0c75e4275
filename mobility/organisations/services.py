"""What happens to an organisation."""

from collections.abc import Collection
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mobility.accounts.models import User
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.states import expect_version, given_text
from mobility.core.together import savepoint
from mobility.mail.services import write
from mobility.organisations import clusters, letters, queries
from mobility.organisations.enums import MemberRight, OrganisationType
from mobility.organisations.likeness import name_key, number_key
from mobility.organisations.models import Organisation, OrganisationMember
from mobility.partnerships.bank import AccountDraft, checked_account
from mobility.partnerships.models import Partnership
from mobility.taxonomies.folding import fold


@dataclass(frozen=True)
class OrganisationDraft:
    """What is known of an organisation; amounts in cents, coordinates in degrees."""

    registration: str
    name: str
    type: OrganisationType
    country: str
    town: str
    latitude: float
    longitude: float
    region: str | None = None
    staff: int | None = None
    turnover_cents: int | None = None
    balance_cents: int | None = None
    founded: int | None = None
    website: str = ""
    description: str = ""
    cluster_name: str = ""
    cluster_has_profile: bool = False
    street: str = ""
    postcode: str = ""


def register(
    content: OrganisationDraft, *, actor: Actor | None, partnership: Partnership | None = None
) -> Organisation:
    """Enter an organisation. Raises `RuleBroken("registered-already")` for a known registration number."""
    organisation = Organisation(registered_at=clock.utcnow(), partnership=partnership)
    _fill(organisation, content)
    try:
        with savepoint():
            db.session.add(organisation)
    except IntegrityError:
        raise _second(content) from None
    record("organisation.registered", organisation, actor=actor, name=organisation.name)
    return organisation


def join(
    organisation: Organisation,
    user: User,
    *,
    actor: Actor | None,
    right: MemberRight = MemberRight.EDIT,
    added_by: User | None = None,
) -> OrganisationMember:
    """Let a person act for an organisation, or look."""
    member = OrganisationMember(
        organisation=organisation, user=user, since=clock.utcnow(), right=right, added_by=added_by
    )
    db.session.add(member)
    record("organisation.joined", organisation, actor=actor, person=user.id, right=right)
    return member


def hold(organisation_ids: Collection[int]) -> None:
    """Let nobody else hand in for these organisations, or merge them, before the transaction ends.

    Raises `RuleBroken("merged-away")` if another entry stands for one of them by now.
    """
    held = select(Organisation.merged_into_id).where(Organisation.id.in_(organisation_ids))
    held = held.order_by(Organisation.id).with_for_update(key_share=True)
    if any(survivor_id is not None for survivor_id in db.session.scalars(held).all()):
        raise RuleBroken("merged-away")


def update(
    organisation: Organisation, content: OrganisationDraft, *, actor: Actor | None, version: int | None = None
) -> bool:
    """Change what is known of an organisation; False if nothing is new.

    Raises `RuleBroken`: "stale" for a version that is not the record's, "registered-already".
    """
    if version is not None:
        expect_version(organisation, version)
    before = draft_of(organisation)
    if content == before:
        return False
    if (content.country, content.registration) != (before.country, before.registration):
        _refuse_second(content)
    if _is_another(content, before):
        clusters.begin_anew(organisation, actor=actor)
    _fill(organisation, content)
    changed = [name for name, value in asdict(content).items() if value != asdict(before)[name]]
    record("organisation.updated", organisation, actor=actor, changed=changed)
    return True


def correct_place(
    organisation: Organisation,
    latitude: float,
    longitude: float,
    reason: str,
    *,
    actor: Actor,
    version: int | None,
) -> None:
    """Say where an organisation lies; it stays there as long as it names the same town.

    Raises `RuleBroken`: "stale", "reason-needed".
    """
    reason = given_text(reason)
    expect_version(organisation, version)
    before = _place(organisation)
    organisation.latitude, organisation.longitude = latitude, longitude
    after = _place(organisation)
    record(
        "organisation.place-corrected", organisation, actor=actor, before=before, after=after, reason=reason
    )


def assign(organisation: Organisation, partnership: Partnership | None, *, actor: Actor | None) -> bool:
    """Say which partnership a cluster forms with others; False if it does already."""
    if organisation.partnership is partnership:
        return False
    organisation.partnership = partnership
    code = partnership.code if partnership else None
    record("organisation.assigned", organisation, actor=actor, partnership=code)
    return True


def change_account(organisation: Organisation, account: AccountDraft, *, actor: Actor | None) -> bool:
    """Take down the bank account that lump sums go to; False if it is the same.

    Where another stood, everybody who acts for the organisation is told of both (promise T54). What was approved for
    the old account no longer fits its approval. Raises `RuleBroken`: "no-holder", "bad-iban", "bad-bic".
    """
    checked = checked_account(account)
    before = account_of(organisation)
    if before == checked:
        return False
    organisation.account_holder, organisation.iban, organisation.bic = (
        checked.holder,
        checked.iban,
        checked.bic,
    )
    # The log keeps where the money goes from now on, not the number itself.
    record("organisation.account-changed", organisation, actor=actor, iban_end=checked.iban[-4:])
    if before.iban:
        for draft in letters.account_changed(organisation, before, checked, queries.people_of(organisation)):
            write(draft)
    return True


def account_of(organisation: Organisation) -> AccountDraft:
    """The bank account as somebody would type it; empty without one."""
    return AccountDraft(organisation.account_holder, organisation.iban or "", organisation.bic)


def draft_of(organisation: Organisation) -> OrganisationDraft:
    """The organisation as somebody would type it."""
    names = OrganisationDraft.__dataclass_fields__
    return OrganisationDraft(**{name: getattr(organisation, name) for name in names})


def _is_another(content: OrganisationDraft, before: OrganisationDraft) -> bool:
    """Whether a cluster that knows the one is still to say whether it knows the other; spelling does not count."""
    one, other = (
        (
            draft.country,
            number_key(draft.registration, draft.country) or draft.registration,
            name_key(fold(draft.name)),
            fold(draft.cluster_name),
        )
        for draft in (content, before)
    )
    return one != other


def _fill(organisation: Organisation, content: OrganisationDraft) -> None:
    for name, value in asdict(content).items():
        setattr(organisation, name, value)
    organisation.name_folded = fold(content.name)


def _place(organisation: Organisation) -> str:
    return f"{organisation.latitude}, {organisation.longitude}"


def _refuse_second(content: OrganisationDraft) -> None:
    same = (Organisation.country == content.country, Organisation.registration == content.registration)
    if db.session.scalar(select(Organisation.id).where(*same)):
        raise _second(content)


def _second(content: OrganisationDraft) -> RuleBroken:
    return RuleBroken("registered-already", registration=content.registration, country=content.country)
