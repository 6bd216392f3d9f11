"""The ledger's facts: what happened outside any one running cycle, such as an offer and its answer.

Nothing waits here, so no engine is needed: a fact is decided by a pure function and written once, in order, to its
stream (`offer/…`). A new fact is a class and a line in `Fact`; a new kind of stream is a line in
`engine.store.projections.ledger_streams`. Like an event, a released fact never changes its meaning: it gains optional
fields, or a new version that the old one is lifted to (`engine.domain.upcasters`).
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from engine.domain.base import Frozen
from engine.domain.cycle.visibility import Visibility
from engine.domain.organisation.organisation import PostRef
from engine.domain.scope import OrgScope
from engine.domain.upcasters import lifted


class OfferAnswer(StrEnum):
    """What a receiving unit says to an offer; to adapt is to take it over in a changed form."""

    ACCEPT = "accept"
    ADAPT = "adapt"
    DECLINE = "decline"


class OfferMade(Frozen):
    """横展開: a shared case is offered to a unit; offering again after a refusal is another of these."""

    type: Literal["offer_made"] = "offer_made"
    version: Literal[1] = 1
    case_id: str
    org_unit: str
    message: str | None = None
    by_share: bool = Field(default=False, description="named as a spread target in the approved Share")


class OfferAnswered(Frozen):
    """`cycle_id`, `owner` and `org_scope` say which adopt cycle follows; None for a refusal."""

    type: Literal["offer_answered"] = "offer_answered"
    version: Literal[1] = 1
    answer: OfferAnswer
    reason: str | None = None
    post: PostRef
    cycle_id: str | None = None
    owner: str | None = None
    org_scope: OrgScope | None = None


class OfferWithdrawn(Frozen):
    type: Literal["offer_withdrawn"] = "offer_withdrawn"
    version: Literal[1] = 1
    reason: str | None = None


class Grade(StrEnum):
    """Progress of a milestone: ahead, on plan, late, cannot be judged (浜松市; docs/field/measuring.md)."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class MilestoneReported(Frozen):
    """The DX team says how a milestone stands; with `done_on` it is done."""

    type: Literal["milestone_reported"] = "milestone_reported"
    version: Literal[1] = 1
    milestone: str
    grade: Grade
    note: str | None = None
    done_on: date | None = None


class MilestoneReminded(Frozen):
    """The DX team was reminded of a milestone that was due on `due`."""

    type: Literal["milestone_reminded"] = "milestone_reminded"
    version: Literal[1] = 1
    milestone: str
    due: date
    on: date


class MilestoneLate(Frozen):
    """The day `due` has passed and nobody has reported the milestone as done."""

    type: Literal["milestone_late"] = "milestone_late"
    version: Literal[1] = 1
    milestone: str
    due: date


class TokenIssued(Frozen):
    """A bearer token was made that acts for `person`; the token itself is written nowhere.

    Args:
        account: the account of the machine on which `spiral token` ran; None when a person made it.
        credential: its id; None for those of before, which count no more.
        name: what it is for, in its maker's words.
        read_only: whether it changes nothing.
        rights: the duties of a service's token; `person` is `service:NAME` then.
    """

    type: Literal["token_issued"] = "token_issued"
    version: Literal[1] = 1
    person: str
    expires_at: datetime
    account: str | None = None
    credential: str | None = None
    name: str = ""
    read_only: bool = False
    rights: tuple[str, ...] = ()


class TokenRevoked(Frozen):
    """A token counts no more."""

    type: Literal["token_revoked"] = "token_revoked"
    version: Literal[1] = 1
    credential: str


class SignInBound(Frozen):
    """An account of the OpenID provider (its issuer and subject) stands for `person` from now on."""

    type: Literal["sign_in_bound"] = "sign_in_bound"
    version: Literal[1] = 1
    issuer: str
    subject: str
    person: str


class SignInReleased(Frozen):
    """The account stands for nobody any more; the next verified sign-in binds anew."""

    type: Literal["sign_in_released"] = "sign_in_released"
    version: Literal[1] = 1


class WebhookEventSkipped(Frozen):
    """A webhook stepped over one event that its receiver did not take; `unwanted` when it chose other events."""

    type: Literal["webhook_event_skipped"] = "webhook_event_skipped"
    version: Literal[1] = 1
    event_id: str
    event_type: str
    reason: str | None = None
    unwanted: bool = False


class DocumentImported(Frozen):
    """An organisation, policy or roadmap was put in force.

    Args:
        number: of the document, in the order of import over all kinds.
        sha256: of its content, UTF-8, as lower-case hex.
        taken_over: it was there before such facts were written; nobody vouches for what it was until then.
        emergency: why it changed who decides without anybody who agreed; None where nobody had to.
        change: the proposed change that it comes of.
    """

    type: Literal["document_imported"] = "document_imported"
    version: Literal[1] = 1
    kind: str
    number: int
    name: str
    sha256: str
    taken_over: bool = False
    emergency: str | None = None
    change: str | None = None


class ChangeProposed(Frozen):
    """A document that changes who decides waits for a second one to agree, or for its day.

    Args:
        kind: `organisation` or `policy`.
        name: of the document.
        sha256: of its content, UTF-8, as lower-case hex.
        base: number of the document in force that it was compared with.
        takes_effect: the day on which it takes effect by itself.
        by_token_of: who made the token with which it was proposed, when that was another.
    """

    type: Literal["change_proposed"] = "change_proposed"
    version: Literal[1] = 1
    kind: str
    name: str
    sha256: str
    base: int
    takes_effect: date
    by_token_of: str | None = None


class ChangeOutcome(StrEnum):
    """What became of a change: agreed to, its day came, nobody was asked, it was withdrawn, another was quicker."""

    AGREED = "agreed"
    DUE = "due"
    EMERGENCY = "emergency"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"


class ChangeClosed(Frozen):
    """A proposed change is decided; `number` is the document's that came of it, `reason` why none did."""

    type: Literal["change_closed"] = "change_closed"
    version: Literal[1] = 1
    outcome: ChangeOutcome
    reason: str | None = None
    number: int | None = None


class AbsenceEntered(Frozen):
    """A person is away from `first` to `last`, and `proxy` stands in; a later one replaces it."""

    type: Literal["absence_entered"] = "absence_entered"
    version: Literal[1] = 1
    person: str
    first: date
    last: date
    proxy: str | None = None
    taken_over: bool = False


class AbsenceEnded(Frozen):
    """An absence was taken back, or ended before its last day."""

    type: Literal["absence_ended"] = "absence_ended"
    version: Literal[1] = 1


class WebhookSet(Frozen):
    """A webhook was made or changed: where events go, which, of which cycles, and the generation of its secret."""

    type: Literal["webhook_set"] = "webhook_set"
    version: Literal[1] = 1
    url: str
    events: tuple[str, ...] = ()
    ceiling: Visibility = Visibility.OFFICE
    generation: int
    taken_over: bool = False


class WebhookRemoved(Frozen):
    """A webhook was forgotten with its log."""

    type: Literal["webhook_removed"] = "webhook_removed"
    version: Literal[1] = 1


class WebhookPaused(Frozen):
    """A webhook's deliveries were stopped: by a person, or by themselves when the receiver did not take them."""

    type: Literal["webhook_paused"] = "webhook_paused"
    version: Literal[1] = 1
    reason: str | None = None


class WebhookEnabled(Frozen):
    """A webhook delivers again, from where it stopped."""

    type: Literal["webhook_enabled"] = "webhook_enabled"
    version: Literal[1] = 1


class AuthorityTakenOver(Frozen):
    """From here on every document, absence and webhook has a fact; so many were there before and got one now."""

    type: Literal["authority_taken_over"] = "authority_taken_over"
    version: Literal[1] = 1
    rows: int


Fact = Annotated[
    OfferMade
    | OfferAnswered
    | OfferWithdrawn
    | MilestoneReported
    | MilestoneReminded
    | MilestoneLate
    | TokenIssued
    | TokenRevoked
    | SignInBound
    | SignInReleased
    | WebhookEventSkipped
    | DocumentImported
    | ChangeProposed
    | ChangeClosed
    | AbsenceEntered
    | AbsenceEnded
    | WebhookSet
    | WebhookRemoved
    | WebhookPaused
    | WebhookEnabled
    | AuthorityTakenOver,
    Field(discriminator="type"),
    BeforeValidator(lifted),
]


class Entry(Frozen):
    """One fact in its stream.

    Args:
        stream: what it is about, `kind/id`.
        seq: 1, 2, 3 … without a gap inside the stream.
        at: aware UTC.
        actor: person id, or `system`.
        on_behalf_of: the absent holder whose proxy acted (代決).
        command_id: the caller's key; the same one again changes nothing.
        data: what happened.
    """

    stream: str
    seq: int
    at: datetime
    actor: str
    on_behalf_of: str | None = None
    command_id: str | None = None
    data: Fact


class Write(Frozen):
    """Facts to be appended to one stream by one command, after the entry that the writer saw last."""

    stream: str
    after: int = Field(ge=0)
    facts: tuple[Fact, ...] = Field(min_length=1)
    actor: str
    command_id: str | None = None
    on_behalf_of: str | None = None


def kind_of(stream: str) -> str:
    """What sort of stream this is: `offer` of `offer/o1`."""
    return stream.partition("/")[0]


def of_command(entries: Sequence[Entry], command_id: str | None) -> tuple[Entry, ...]:
    """What a command has written before; empty when it is new."""
    return tuple(entry for entry in entries if command_id is not None and entry.command_id == command_id)
