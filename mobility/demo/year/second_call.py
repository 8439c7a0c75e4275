"""The second call: open today, in the middle of its assessment."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.applications.draft import ApplicationDraft
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls import services as calls
from mobility.calls.models import Call
from mobility.catalogue.enums import Side
from mobility.core import clock
from mobility.core.db import db
from mobility.core.settings import DEMO_DOMAIN
from mobility.demo import cast
from mobility.demo.stage import Season, Stage
from mobility.demo.world.calendar import Calendar
from mobility.demo.world.parts import Party, PlannedApplication, PlannedOffer
from mobility.demo.world.visitors import content_for
from mobility.demo.year import intake, pairs
from mobility.demo.year.opening import allot
from mobility.hosts.draft import OfferDraft, WindowDraft
from mobility.hosts.enums import OfferKind, OfferStatus
from mobility.hosts.models import Offer
from mobility.organisations import services as organisations
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership

# Of those who applied before, how many of each come: without a host so far, once rejected, as visitors at last, and
# again although they have travelled.
UNMATCHED, MENDED, LATE, AGAIN = 0.1, 0.025, 0.12, 0.013
OFFERS_AGAIN = 0.4
LEFT_OPEN = 0.12
MONEY_SHARE = 0.3
AGENDA = """Mon 9:30 Welcome at the cluster office
Mon 14:00 Two firms show their lines
Tue 9:00 Research centre and test hall
Wed 9:00 Meetings of firms, two and two
Thu 10:00 The fair
Fri 9:00 Follow-up: which projects come next"""


def open_up(stage: Stage) -> None:
    """Open the second call and allot its money."""
    if db.session.scalar(select(Call.id).where(Call.reference == stage.second_reference)):
        return
    calendar, officer = stage.world.calendar, stage.login(Role.SUPPORT_OFFICER)
    first, last = calendar.second_stays
    content = calls.CallDraft(
        reference=stage.second_reference,
        title=f"ClusterXchange {calendar.second_call_on.year}, call for the coming year",
        opens_at=clock.utcnow(),
        closes_at=clock.at_local(calendar.second_call_closes_on, 17),
        first_day=first,
        last_day=last,
        releases_together=False,
    )
    call = calls.draft(content, actor=officer)
    for partnership in db.session.scalars(select(Partnership).order_by(Partnership.code)).all():
        allot(stage, call, partnership, MONEY_SHARE)
    calls.open_call(call, actor=officer)
    db.session.commit()


def take_in(stage: Stage) -> None:
    """What happens in the weeks of the second call: offers and applications come, officers assess, people write."""
    season = season_of(stage)
    mend(stage, season)
    intake.take_in(stage, season)
    intake.assess(stage, season)
    pairs.get_in_touch(stage, season)


def season_of(stage: Stage) -> Season:
    """Who plans to take part: by what became of everybody in the first call."""
    calendar, random = stage.world.calendar, stage.random("second call")
    offers = list(_offers(stage, random))
    visitors = list(_visitors(stage, random))
    drawn = [_application(stage, random, party, offers) for party in visitors]
    call = stage.call_of(stage.second_reference)
    return Season(call, calendar.second_call_on, calendar.second_call_closes_on, offers, drawn)


def _offers(stage: Stage, random: Random) -> Iterator[PlannedOffer]:
    """Some hosts offer again, in the stays of the new call; one falls short, some are not done."""
    calendar = stage.world.calendar
    good = [offer for offer in stage.world.offers if offer.is_good]
    by_host = {offer.host: offer for offer in good}
    chosen = random.sample(sorted(by_host), max(4, round(len(by_host) * OFFERS_AGAIN)))
    # Those with a login come first and are in good order.
    logins = [host for host in sorted(by_host) if _has_login(stage.world.party(host))]
    for number, host in enumerate([*logins, *(one for one in chosen if one not in logins)]):
        before = by_host[host]
        content = replace(before.content, windows=_later(random, calendar, before), closures=())
        is_open = number % 8 == 3
        flaw = "stay" if number == 2 else ""
        content = replace(content, min_days=1, max_days=2) if flaw else content
        if before.is_for_groups and not flaw:
            content = _as_group_visit(content)
        late = 6 if host in logins else 40
        day = calendar.second_call_on + timedelta(days=random.randint(1, late))
        yield PlannedOffer(f"S{number:03d}", host, content, day, before.is_for_groups, flaw, "", is_open)


def _as_group_visit(content: OfferDraft) -> OfferDraft:
    """From the first Monday of the window to the Friday, with the agenda that such visits have."""
    window = content.windows[0]
    monday = window.first_day + timedelta(days=-window.first_day.weekday() % 7)
    fixed = WindowDraft(monday, monday + timedelta(days=4), window.places)
    return replace(
        content, kind=OfferKind.GROUP_VISIT, windows=(fixed,), max_visits=fixed.places, agenda=AGENDA
    )


def _later(random: Random, calendar: Calendar, before: PlannedOffer) -> tuple[WindowDraft, ...]:
    first, last = calendar.second_stays
    day = first + timedelta(days=random.randint(0, (last - first).days - 60))
    return (WindowDraft(day, day + timedelta(days=random.randint(25, 55)), before.content.windows[0].places),)


def _visitors(stage: Stage, random: Random) -> Iterator[Party]:
    """Who was left without a host, who has mended what was wrong, hosts that want to travel, and some who may not."""
    found = select(Organisation.registration, Application.status).join(Application.organisation)
    rows = db.session.execute(
        found.where(Application.call_id == stage.call.id).order_by(Application.id)
    ).all()
    total = len(stage.world.applications)
    by_status: dict[ApplicationStatus, list[Party]] = {}
    for registration, status in rows:
        by_status.setdefault(status, []).append(stage.parties[registration])
    mendable = [
        one for one in by_status.get(ApplicationStatus.REJECTED, []) if one.flaw in {"cluster", "profile"}
    ]
    offering = {offer.host for offer in stage.world.offers}
    hosts = [
        party
        for party in stage.world.parties
        if party.part == "host" and party.key not in offering and not _has_login(party)
    ]
    yield from (party for party in stage.world.parties if party.key not in offering and _is_visiting(party))
    groups = (
        (by_status.get(ApplicationStatus.ACCEPTED, []), UNMATCHED),
        (mendable, MENDED),
        (hosts, LATE),
        (by_status.get(ApplicationStatus.MATCHED, []), AGAIN),
    )
    for parties, share in groups:
        yield from random.sample(parties, min(len(parties), max(1, round(total * share))))


def _has_login(party: Party) -> bool:
    return party.person.email.endswith("@" + DEMO_DOMAIN)


def _is_visiting(party: Party) -> bool:
    return party.part == "host" and _has_login(party)


def _application(
    stage: Stage, random: Random, party: Party, offers: Sequence[PlannedOffer]
) -> PlannedApplication:
    calendar = stage.world.calendar
    first, last = calendar.second_stays
    starts_on = first + timedelta(days=random.randint(0, (last - first).days - 70))
    windows = ((starts_on, starts_on + timedelta(days=random.randint(25, 65))),)
    content = content_for(random, party, windows, random.choice((3, 3, 4, 4, 5)))
    day = calendar.second_call_on + timedelta(days=random.randint(6, 41))
    wishes = tuple(_wishes(stage, random, party, offers, day))
    is_open = random.random() < LEFT_OPEN
    if _has_login(party):
        return _of_login(stage, party, offers, content)
    return PlannedApplication(f"T{party.key[1:]}", party.key, content, wishes, day, is_left_open=is_open)


def _of_login(
    stage: Stage, party: Party, offers: Sequence[PlannedOffer], content: ApplicationDraft
) -> PlannedApplication:
    """The second applicant wishes for the second host, early."""
    host = cast.email_of(Role.HOST, 2)
    offer = next(one for one in offers if one.content.contact_email == host)
    window = offer.content.windows[0]
    content = replace(content, windows=((window.first_day, window.last_day),))
    day = stage.world.calendar.second_call_on + timedelta(days=12)
    return PlannedApplication(f"T{party.key[1:]}", party.key, content, ((offer.key, 1),), day)


def _wishes(
    stage: Stage, random: Random, party: Party, offers: Sequence[PlannedOffer], day: date
) -> Iterator[tuple[str, int]]:
    home = party.content.country
    possible = [
        one
        for one in offers
        if one.is_good
        and not one.is_left_open
        and one.day <= day - timedelta(days=2)
        and stage.world.party(one.host).content.country != home
        and not one.is_for_groups
    ]
    chosen = random.sample(possible, min(len(possible), random.choice((0, 1, 1, 2, 3))))
    yield from ((one.key, rank) for rank, one in enumerate(chosen, start=1))


def mend(stage: Stage, season: Season) -> None:
    """Who was rejected for want of a cluster has joined one since."""
    for planned in season.applications:
        party = stage.world.party(planned.visitor)
        if party.flaw not in {"cluster", "profile"} or planned.day > clock.today():
            continue
        known = select(Organisation).where(Organisation.registration == party.content.registration)
        organisation = db.session.scalars(known).one()
        neighbours = [one for one in stage.world.parties if one.forms == party.cared_for_by]
        joined = replace(party.content, cluster_name=neighbours[0].content.name, cluster_has_profile=True)
        organisations.update(organisation, joined, actor=stage.user(party.person.email))
    db.session.commit()


def leave_open(stage: Stage) -> None:
    """What waits today: a visit entered by the second applicant, and a letter to the first host."""
    season = season_of(stage)
    applicant, host = cast.email_of(Role.APPLICANT, 2), cast.email_of(Role.HOST, 2)
    accepted = select(Application).where(
        Application.call_id == season.call.id,
        Application.status == ApplicationStatus.ACCEPTED,
        Application.group_key.is_(None),
    )
    waiting = db.session.scalars(accepted.order_by(Application.id)).all()
    first, second = (_offer_of(season.call, email) for email in (cast.email_of(Role.HOST, 1), host))
    for application in waiting:
        if application.person_email == applicant and second is not None:
            pairs.enter(stage, application, second, Side.VISITOR)
    if first is not None:
        others = (one for one in waiting if one.person_email != applicant)
        any(pairs.try_contact(stage, one, first) for one in others)
    db.session.commit()


def _offer_of(call: Call, email: str) -> Offer | None:
    of_host = select(Offer).where(Offer.call_id == call.id, Offer.contact_email == email)
    return db.session.scalar(of_host.where(Offer.status == OfferStatus.ACCEPTED).limit(1))
