"""A round, who entered it, its solved scenarios and what it proposes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.core.db import Key, Model, Versioned, enum_column
from mobility.hosts.models import Offer
from mobility.rounds.enums import METHODS, ProposalStatus, Reply, RoundStatus, RunStatus


class Round(Model, Versioned):
    """One matching round of a call: open, frozen with its problem, published once or given up."""

    __tablename__ = "round"
    __table_args__ = (CheckConstraint("(status = 'given_up') = (given_up_reason <> '')", name="given_up"),)

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    status: Mapped[RoundStatus] = mapped_column(enum_column(RoundStatus))
    # The frozen problem in the format of docs/matching.md, and the hash of what it was made from.
    problem: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    # Its figures, for pages: `picture.picture_of`.
    picture: Mapped[dict[str, Any] | None]
    inputs_sha256: Mapped[str | None]
    opened_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    given_up_reason: Mapped[str] = mapped_column(default="")
    # The support office reads references instead of names until the round is published.
    is_blind: Mapped[bool] = mapped_column(default=False)
    # The published round whose declines this one answers; whether who said no may get another host.
    after_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"), index=True)
    may_return: Mapped[bool] = mapped_column(default=False)

    call: Mapped[Call] = relationship()
    after: Mapped["Round | None"] = relationship(remote_side="Round.id")

    @property
    def hides_names(self) -> bool:
        """Whether its pages show no names of people and organisations now.

        Where the call is assessed without names, nobody learns them here before the applicants are told.
        """
        if self.call.is_blind and self.call.holds_decisions:
            return True
        return self.is_blind and self.status is not RoundStatus.PUBLISHED


class Lottery(Model):
    """How a round draws lots between equals; what was announced stands, and it is drawn once."""

    __tablename__ = "lottery"
    __table_args__ = (CheckConstraint("drawn_at IS NULL OR seed <> ''", name="drawn"),)

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), unique=True)
    # The public source that gives the seed; empty where the house drew it and announced its hash.
    source: Mapped[str]
    reason: Mapped[str]
    seed: Mapped[str]
    seed_sha256: Mapped[str]
    announced_at: Mapped[datetime]
    drawn_at: Mapped[datetime | None]

    @property
    def is_drawn(self) -> bool:
        return self.drawn_at is not None


class Entrant(Model):
    """An application that entered the round, with its priority and what it is made of."""

    __tablename__ = "entrant"
    __table_args__ = (Index("uq_entrant", "round_id", "application_id", unique=True),)

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    priority: Mapped[int]
    # [{"code": "base", "points": 10}, …]; the points sum to the priority.
    parts: Mapped[list[dict[str, Any]]]

    application: Mapped[Application] = relationship()


class Pair(Model):
    """A visitor and a host who could meet: days, money, score and every part of it."""

    __tablename__ = "pair"
    __table_args__ = (Index("uq_pair", "round_id", "application_id", "offer_id", unique=True),)

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    days: Mapped[int]
    cost_cents: Mapped[int]
    distance_km: Mapped[int]
    score: Mapped[int]
    # [{"code": "topics", "points": 30, "max": 35, "values": {…}}, …]; the points sum to the score.
    parts: Mapped[list[dict[str, Any]]]
    # The trace of the lump sum, for `cost_cents`.
    trace: Mapped[list[dict[str, Any]]]


class Run(Model, Versioned):
    """One solve of a frozen round, perhaps with changes: a scenario. What it was asked for never changes."""

    __tablename__ = "run"
    __table_args__ = (
        Index("uq_run_number", "round_id", "number", unique=True),
        CheckConstraint("jsonb_typeof(changes) = 'array'", name="changes"),
    )

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    number: Mapped[int]
    status: Mapped[RunStatus] = mapped_column(enum_column(RunStatus))
    name: Mapped[str] = mapped_column(default="")
    # What it changes in the frozen problem: rows of `scenario.Change`.
    changes: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    # The frozen problem it solves, with its changes: a round may be opened and frozen again.
    inputs_sha256: Mapped[str]
    goals: Mapped[list[str]]
    time_limit_s: Mapped[int]
    seed: Mapped[int]
    is_deterministic: Mapped[bool] = mapped_column(default=False)
    # The last words of the solver while it works: {"stage", "goal", "value", "bound", "seconds"}.
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    solution: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    # The solution's goals with value, bound and gap, its status and the hash of its result.
    reached: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    outcome: Mapped[str] = mapped_column(default="")
    result_sha256: Mapped[str] = mapped_column(default="")
    # Why it failed: a code and perhaps, after a colon, what was found.
    failure: Mapped[str] = mapped_column(default="")
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    is_published: Mapped[bool] = mapped_column(default=False)
    # When `Gain` and `Reserve` were written down.
    studied_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship()


class SyntheticRound(Model, Versioned):
    """An invented round, for training and to measure the optimiser: nobody in it is in the database."""

    __tablename__ = "synthetic_round"
    __table_args__ = (
        # Whole or not at all.
        CheckConstraint(
            f"jsonb_array_length(results) = CASE WHEN status = 'solved' THEN {len(METHODS)} ELSE 0 END",
            name="whole_results",
        ),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(unique=True)
    status: Mapped[RunStatus] = mapped_column(enum_column(RunStatus))
    visitors: Mapped[int]
    hosts: Mapped[int]
    seed: Mapped[int]
    # One short window per host and few places: the calendar binds.
    is_tight: Mapped[bool]
    time_limit_s: Mapped[int]
    # The last words of the solver: {"method", "value", "bound"}.
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # For each of METHODS {"method", "matched", "value", "score", "cost_cents", "bound", "seconds"}.
    results: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    failure: Mapped[str] = mapped_column(default="")
    queued_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Visit(Model):
    """An assignment of a solved run: who visits whom and when, with what its pair is worth."""

    __tablename__ = "visit"
    __table_args__ = (
        Index("uq_visit", "run_id", "application_id", unique=True),
        CheckConstraint("first_day <= last_day", name="days"),
    )

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    days: Mapped[int]
    priority: Mapped[int]
    score: Mapped[int]
    cost_cents: Mapped[int]

    application: Mapped[Application] = relationship()
    offer: Mapped[Offer] = relationship()


class Unmatched(Model):
    """An entrant whom a solved run leaves without a host, and why, in the engine's words."""

    __tablename__ = "unmatched"
    __table_args__ = (Index("uq_unmatched", "run_id", "application_id", unique=True),)

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    priority: Mapped[int]
    # What the priority is made of, as with the entrant.
    parts: Mapped[list[dict[str, Any]]]
    code: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)

    run: Mapped[Run] = relationship()
    application: Mapped[Application] = relationship()


class Gain(Model):
    """What one more place or week of a host, or more of a limit, would gain over a solved run."""

    __tablename__ = "gain"
    __table_args__ = (Index("uq_gain", "run_id", "what", "of", unique=True),)

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    # "place", "week" or "limit"; `of` is the reference of the offer, or the limit's id, and `by` how much more.
    what: Mapped[str]
    of: Mapped[str]
    by: Mapped[int]
    # The host, where the gain is for it to give.
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"), index=True)
    # Priority points for sure, with everybody kept, and who would come; hundredths of points at most, by prices.
    sure: Mapped[int]
    estimate_hundredths: Mapped[int | None]
    let_in: Mapped[list[str]]

    offer: Mapped[Offer | None] = relationship()


class Reserve(Model):
    """Who could take a place of a host that comes free after a solved run; the first has place 1."""

    __tablename__ = "reserve"
    __table_args__ = (
        Index("uq_reserve_place", "run_id", "offer_id", "place", unique=True),
        Index("uq_reserve", "run_id", "offer_id", "application_id", unique=True),
    )

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    place: Mapped[int]

    offer: Mapped[Offer] = relationship()
    application: Mapped[Application] = relationship()


class Proposal(Model, Versioned):
    """A host and dates proposed to a visitor; each side owns its answer."""

    __tablename__ = "proposal"
    __table_args__ = (
        Index("uq_proposal", "round_id", "application_id", unique=True),
        Index("ix_proposal_open", "answer_by", postgresql_where="status = 'open'"),
        # Nobody has two proposals to answer at once, whatever rounds are published.
        Index("uq_proposal_open", "application_id", unique=True, postgresql_where="status = 'open'"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(unique=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    status: Mapped[ProposalStatus] = mapped_column(enum_column(ProposalStatus))
    first_day: Mapped[date]
    last_day: Mapped[date]
    days: Mapped[int]
    distance_km: Mapped[int]
    lump_sum_cents: Mapped[int]
    trace: Mapped[list[dict[str, Any]]]
    score: Mapped[int]
    parts: Mapped[list[dict[str, Any]]]
    answer_by: Mapped[datetime]
    visitor_reply: Mapped[Reply | None] = mapped_column(enum_column(Reply, "visitor_reply"))
    visitor_replied_at: Mapped[datetime | None]
    host_reply: Mapped[Reply | None] = mapped_column(enum_column(Reply, "host_reply"))
    host_replied_at: Mapped[datetime | None]
    decline_reason: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]

    round: Mapped[Round] = relationship()
    application: Mapped[Application] = relationship()
    offer: Mapped[Offer] = relationship()
