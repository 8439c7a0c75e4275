"""Where the forms of the site stand, who fills them, and with what so that they are taken."""

import re
import time
from datetime import date, timedelta

from mobility.accounts.second_factor import STEP_S, codes
from mobility.core import clock
from tests.hostile.forms import Fields
from tests.hostile.place import Place
from tests.hostile.routes import CHOSEN
from tests.hostile.world import World
from tests.make.accounts import PASSWORD, SECRET
from tests.make.surveys import filled

REASON = {"reason": ["Because."]}
NOTE = {"note": ["Looked through."]}
NAMES = (
    "register",
    "login",
    "code",
    "recovery code",
    "reset",
    "confirm",
    "new password",
    "password",
    "verify",
    "second step",
    "invite",
    "role",
    "account closed",
    "second step reset",
    "paying account",
    "organisation",
    "cluster question",
    "place",
    "cluster answer",
    "colleague",
    "application begun",
    "application page person",
    "application page topics",
    "application page dates",
    "application page hosts",
    "application page questions",
    "application page consents",
    "application assessed",
    "application noted",
    "application reassigned",
    "changes asked",
    "exception asked",
    "exception answered",
    "review",
    "review criteria",
    "reviews handed out",
    "bulk",
    "offer begun",
    "offer",
    "offer places",
    "offer assessed",
    "offer exception asked",
    "offer exception answered",
    "offer noted",
    "contact",
    "answer",
    "pair",
    "pair declined",
    "pair withdrawn",
    "question added",
    "question worded",
    "round opened",
    "synthetic round",
    "solve",
    "after declines",
    "lottery announced",
    "lottery drawn",
    "decline",
    "cancel",
    "terminate",
    "plan",
    "amend",
    "dates",
    "sign",
    "report",
    "report returned",
    "bypass",
    "void",
    "hold",
    "paid",
    "failed",
    "recovered",
    "batch",
    "approve",
    "batch returned",
    "batch void",
    "batch paid",
    "survey",
)


def place_named(world: World, name: str) -> Place:
    """One of the forms."""
    return next(place for place in places(world) if place.name == name)


def places(world: World) -> list[Place]:
    """Every form of the site that has something to type or choose."""
    return [
        *_doors(world),
        *_people(world),
        *_before(world),
        *_meetings(world),
        *_after(world),
        *_money(world),
    ]


def _code(secret: str) -> Fields:
    return {"code": [codes().code(secret, int(time.time()) // STEP_S)]}


def _code_shown(page: str) -> Fields:
    """The code of the key that the page shows."""
    found = re.search(r'class="code">([A-Z2-7 ]+)<', page)
    assert found
    return _code(found[1].replace(" ", ""))


def _a_week_later(page: str) -> Fields:
    """Other days than those that the page shows."""
    shown = re.findall(r'name="(first_day|last_day)"[^>]*value="([\d-]+)"', page)
    assert len(shown) == 2
    return {name: [str(date.fromisoformat(day) + timedelta(weeks=1))] for name, day in shown}


def _doors(world: World) -> list[Place]:
    of = world.sides["A"].references
    password = {"password": [PASSWORD], "password_confirm": [PASSWORD]}
    person = {"name": ["Nora"], "email": ["nora@new.example"]}
    email = {"email": [world.emails["host A"]]}
    new_password = {"new_password": [PASSWORD + "!"], "new_password_confirm": [PASSWORD + "!"]}
    return [
        Place("register", "", "/register", typed=person | password),
        Place("login", "", "/login", typed=email | {"password": [PASSWORD]}, at_top="do not belong together"),
        Place("code", "half signed in", "/login/code", typed=_code(SECRET)),
        Place("recovery code", "half signed in", "/login/recovery-code", typed={"code": [of["recovery"]]}),
        Place("reset", "", "/reset", typed=email),
        Place("new password", "", f"/reset/{of['reset']}", typed=password),
        Place("confirm", "", "/confirm", typed=email),
        Place("password", "host A", "/account/password", typed={"password": [PASSWORD]} | new_password),
        Place("verify", "host A", "/login/again", typed={"password": [PASSWORD]}),
        Place("second step", "host A", "/account/second-step", read=_code_shown),
    ]


def _people(world: World) -> list[Place]:
    of = world.sides["A"].references
    person = f"/people/{of['person']}"
    invited = {"email": ["new@invited.example"], "name": ["Nora"], "role": ["host"]}
    account = {"holder": ["Side A"], "iban": ["PT50 0002 0123 1234 5678 9015 4"]}
    return [
        Place("invite", "administrator", "/people/invite", typed=invited),
        Place("role", "administrator", person, f"{person}/roles", {"role": ["auditor"]}),
        Place("account closed", "administrator", f"{person}/close", typed=REASON),
        Place("second step reset", "administrator", f"{person}/second-step/reset", typed=REASON),
        Place("paying account", "finance_initiator", f"/partnerships/{of['account']}/account", typed=account),
    ]


def _before(world: World) -> list[Place]:
    """Forms of applications, offers and rounds."""
    of = world.sides["A"].references
    application, offer = f"/applications/{of['application draft']}", f"/hosts/{of['offer draft']}"
    reject = {"decision": ["reject"], "reason": ["Not now."]}
    to_assess, offered = f"/applications/{of['application submitted']}", f"/hosts/{of['offer submitted']}"
    # Another account asks for the password.
    account = {"account_holder": ["New"], "iban": ["BE71 0961 2345 6769"], "password": [PASSWORD]}
    email, answered = {"email": ["office@flux.example"]}, {"answer": ["yes"], "name": ["Ines Sousa"]}
    questions, asked = f"/calls/{of['call']}/questions", {"label": ["Which fairs?"], "kind": ["line"]}
    proposal, round_ = f"/exchanges/proposals/{of['proposal']}", f"/rounds/{of['round frozen']}"
    return [
        Place("organisation", "newcomer A", "/organisations/mine", typed=account),
        Place("cluster question", "newcomer A", "/organisations/mine/cluster", typed=email),
        Place("place", "support_officer", f"/organisations/{of['place']}/place", typed=REASON),
        Place("cluster answer", "", f"/organisations/cluster/{of['question']}", typed=answered),
        Place("colleague", "newcomer A", "/organisations/mine/people", typed=email),
        Place("application begun", "newcomer A", f"/applications/new?call={world.call}"),
        Place("application begun late", "newcomer A", f"/applications/late/{of['late token']}"),
        Place(
            "late entry",
            "support_officer",
            f"/applications/late-entries/{of['late call']}",
            typed=REASON | email | {"last_on": [clock.today().isoformat()]},
        ),
        *(
            Place(f"application page {section}", "applicant A", f"{application}/edit/{section}")
            for section in CHOSEN["section"]
        ),
        Place("application withdrawn", "applicant A", f"{application}/withdraw", typed=REASON),
        Place("application assessed", "officer A", to_assess, f"{to_assess}/assess", reject),
        Place("application noted", "officer A", to_assess, f"{to_assess}/notes", NOTE),
        Place(
            "application reassigned",
            "officer A",
            f"{to_assess}/partnership",
            typed=REASON | {"partnership": ["SIDEB"]},
        ),
        Place(
            "changes asked",
            "officer A",
            f"{to_assess}/changes",
            typed={"dates": ["Longer windows."]},
            at_top="Say for one section",
        ),
        Place(
            "exception asked",
            "officer A",
            f"/applications/{of['application unmet']}/exception",
            typed=REASON | {"rule": ["profile"]},
        ),
        Place(
            "exception answered",
            "support_officer",
            f"/applications/{of['application excepted']}/exception/profile",
            typed=REASON | {"decision": ["refuse"]},
        ),
        Place(
            "offer exception asked",
            "officer A",
            f"/hosts/{of['offer unmet']}/exception",
            typed=REASON | {"rule": ["cluster"]},
        ),
        Place(
            "offer exception answered",
            "support_officer",
            f"/hosts/{of['offer excepted']}/exception/cluster",
            typed=REASON | {"decision": ["refuse"]},
        ),
        Place(
            "review",
            "officer A",
            f"/reviews/{of['review']}",
            typed={f"points{key}": ["4"] for key in of["criteria"].split()},
        ),
        Place("review criteria", "support_officer", f"/reviews/criteria?call={world.call}"),
        Place(
            "reviews handed out",
            "support_officer",
            f"/reviews/hand-out?call={world.call}",
            typed={"reviewers": [of["officer key"]]},
        ),
        Place(
            "bulk",
            "officer A",
            f"/applications/bulk?act=give&pick={of['application submitted']}",
            "/applications/bulk?act=give",
            REASON | {"partnership": ["SIDEB"]},
        ),
        Place("offer begun", "new host A", f"/hosts/new?call={world.call}"),
        Place("offer", "host A", f"{offer}/edit"),
        Place("offer places", "host A", f"/hosts/{of['offer accepted']}/places"),
        Place("offer assessed", "officer A", offered, f"{offered}/assess", reject),
        Place("offer noted", "officer A", offered, f"{offered}/notes", NOTE),
        Place("question added", "support_officer", f"{questions}/new", typed=asked),
        Place("question worded", "support_officer", f"{questions}/{of['question unanswered']}", typed=asked),
        Place("call", "support_officer", f"/calls/{world.call}", f"/calls/{world.call}/cv"),
        Place("round opened", "support_officer", "/rounds/open", typed={"call": [world.call]}),
        Place("synthetic round", "support_officer", "/rounds/synthetic"),
        Place("solve", "support_officer", f"{round_}/solve"),
        Place("after declines", "support_officer", f"/rounds/{of['round declined']}/declines", typed=REASON),
        Place(
            "lottery announced",
            "support_officer",
            f"/rounds/{of['round open']}/lottery/announce",
            typed=REASON | {"source": ["A state lottery."]},
        ),
        Place(
            "lottery drawn",
            "support_officer",
            f"/rounds/{of['round lottery']}/lottery/draw",
            typed={"seed": ["4-17"]},
        ),
        Place("round given up", "support_officer", f"{round_}/give-up", typed=REASON),
        Place("decline", "applicant A", proposal, f"{proposal}/decline/visitor", REASON),
    ]


def _meetings(world: World) -> list[Place]:
    of = world.sides["A"].references
    offer, mine, theirs = of["contact offer"], of["contact none"], of["contact open"]
    first, last = of["days"].split()
    both = {"application": [mine], "offer": [offer], "first_day": [first], "last_day": [last]}
    pair = f"/pairs/{of['pair entered']}"
    return [
        Place(
            "contact",
            "applicant A",
            f"/catalogue/{offer}?of={mine}",
            f"/catalogue/{offer}/contact?of={mine}",
            {"message": ["Shall we meet?"]},
        ),
        Place(
            "answer",
            "host A",
            f"/catalogue/{theirs}?of={offer}",
            f"/catalogue/{theirs}/answer?of={offer}",
            {"answer": ["accept"]},
        ),
        Place("pair", "applicant A", "/pairs/new", typed=both),
        Place("pair declined", "host A", pair, f"{pair}/decline", REASON),
        Place("pair withdrawn", "applicant A", pair, f"{pair}/withdraw", REASON),
    ]


def _after(world: World) -> list[Place]:
    """Forms of exchanges, agreements, reports and surveys."""
    of = world.sides["A"].references
    signing, to_sign = f"/exchanges/{of['exchange signing']}", f"/agreements/{of['agreement signing']}"
    signed = {"name": ["Ana Peeters"], "position": ["Director"], "has_read": ["y"], "slot": ["vo"]}
    broken_off = {"broken_off_on": [str(clock.today() - timedelta(days=1))]}
    mend_by = {"mend_by": [str(clock.today() + timedelta(days=10))]}
    return [
        Place("cancel", "officer A", f"/exchanges/{of['exchange confirmed']}/cancel", typed=REASON),
        Place(
            "terminate",
            "officer A",
            f"/exchanges/{of['exchange ongoing']}/terminate",
            typed=REASON | broken_off,
        ),
        Place("plan", "applicant A", f"/exchanges/{of['exchange planned']}/plan", typed={"place": ["Porto"]}),
        Place("amend", "applicant A", f"{signing}/agreements", f"{signing}/amend", REASON),
        Place("dates", "applicant A", f"{signing}/dates", typed=REASON, read=_a_week_later),
        Place("sign", "applicant A", to_sign, f"{to_sign}/sign", signed),
        Place("report", "applicant A", f"/reports/{of['report draft']}/edit", typed={"results": ["Much."]}),
        Place(
            "report returned", "officer A", f"/reports/{of['report filed']}/return", typed=REASON | mend_by
        ),
        Place("bypass", "support_officer", f"/reports/{of['report of host']}/bypass", typed=REASON),
        Place("survey", "", f"/survey/{of['token']}", typed={k: [v] for k, v in filled().items()}),
    ]


def _money(world: World) -> list[Place]:
    of = world.sides["A"].references
    payer = f"payer={of['account']}&call={world.call}"

    def order(name: str, state: str, step: str, typed: Fields = REASON) -> Place:
        page = f"/payments/{of[f'order {state}']}"
        return Place(name, "finance_initiator", page, f"{page}/{step}", typed)

    def batch(name: str, who: str, state: str, step: str, typed: Fields = REASON) -> Place:
        page = f"/payments/batches/{of[f'batch {state}']}"
        return Place(name, who, page, f"{page}/{step}", typed)

    return [
        order("void", "due", "void"),
        order("hold", "due", "hold"),
        order("paid", "exported", "paid", {}),
        order("failed", "exported", "failed"),
        order("recovered", "settled", "recovered"),
        Place(
            "batch",
            "finance_initiator",
            f"/payments/batches/new?{payer}",
            typed={"orders": [of["order due"]]},
        ),
        batch("approve", "finance_approver", "proposed", "approve", {"seen": ["y"]}),
        batch("batch returned", "finance_approver", "proposed", "send-back"),
        batch("batch void", "finance_initiator", "drawn_up", "void"),
        batch("batch paid", "finance_initiator", "exported", "paid", {}),
    ]
