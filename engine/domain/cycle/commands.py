"""What people ask for: imperative, one model for each; the door fills in what was looked up.

The marks on texts refuse nothing here, since old histories must replay: `engine.domain.cycle.incoming` asks them
of what
comes in. The fields in `LOOKED_UP` are facts from the directory, put there by
`engine.store.directory.directory.prepare`, never
by the caller.
"""

import hashlib
from typing import Annotated, Literal

from pydantic import Field

from engine.domain.base import Frozen
from engine.domain.cycle.events import Condition, CycleOpened, Inheritance, PlannedNext
from engine.domain.cycle.undo import Followed, Opened
from engine.domain.cycle.visibility import SetVisibility
from engine.domain.cycle.working_copy import TakenCopy
from engine.domain.days import Day, DayOrInstant
from engine.domain.deliverables import Imagine, Realise, Share, Transform
from engine.domain.errors import FieldError
from engine.domain.organisation.organisation import Grant, PostRef
from engine.domain.review.review import Action, Away, Route
from engine.domain.roadmap import RoadmapPlace
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.text import CODE, IDENTIFIER, NAME


class ConditionAsked(Frozen):
    """A condition as the decider sets it; the owner defaults to the cycle's owner."""

    text: str = ""
    owner: Annotated[str | None, CODE] = None
    due: Day | None = None


class SaveDraft(Frozen):
    """What the step says from now on, as an event for ever: how drafts were kept before there were working copies.

    Still taken from other systems and out of old histories.
    """

    type: Literal["save_draft"] = "save_draft"
    deliverable: Imagine | Transform | Realise | Share


class Submit(Frozen):
    """Hands the step in.

    Args:
        taken: the owner's working copy, if one is kept; else the cycle holds already what is handed in.
    """

    type: Literal["submit"] = "submit"
    message: str | None = None
    taken: TakenCopy | None = None
    route: Route | None = None
    findings: tuple[FieldError, ...] = ()
    away: tuple[Away, ...] = ()


class Decide(Frozen):
    """A decision for one round.

    Args:
        return_to: where a return goes: `drafter`, a step, or the key or post of an earlier stage.
        pull_up: decide as a superior for whoever has it below (引上げ).
    """

    type: Literal["decide"] = "decide"
    action: Action
    round: int
    reason: str | None = None
    return_to: Annotated[str | None, IDENTIFIER] = None
    conditions: tuple[ConditionAsked, ...] = ()
    hold_until: DayOrInstant | None = None
    grants: tuple[Grant, ...] = ()
    plan: tuple[PlannedNext, ...] | None = None
    pull_up: bool = False
    away: tuple[Away, ...] = ()

    def misplaced(self) -> tuple[FieldError, ...]:
        """What was filled in that belongs to another action: it must not be lost without a word."""
        filled = (
            ("/return_to", self.return_to, self.action is Action.RETURN, "only_with_return"),
            ("/conditions", self.conditions, self.action is Action.APPROVE_WITH_CONDITIONS, "only_with_conditions"),
            ("/hold_until", self.hold_until, self.action is Action.HOLD, "only_with_hold"),
        )
        return tuple(FieldError(pointer=at, code=code) for at, given, fits, code in filled if given and not fits)


class PullBack(Frozen):
    type: Literal["pull_back"] = "pull_back"


class Withdraw(Frozen):
    type: Literal["withdraw"] = "withdraw"
    reason: str | None = None


class Retract(Frozen):
    """決裁の取消し.

    Args:
        round: of the decision that is meant.
        opened: cycles that grew from it.
        acted: what a person has done with it elsewhere.
        names: of the people an answer may speak of.
    """

    type: Literal["retract"] = "retract"
    round: int
    reason: str | None = None
    opened: tuple[Opened, ...] = ()
    acted: Followed | None = None
    names: dict[str, str] = Field(default_factory=dict)


class Resume(Frozen):
    type: Literal["resume"] = "resume"
    reason: str | None = None
    grants: tuple[Grant, ...] = ()


class Comment(Frozen):
    type: Literal["comment"] = "comment"
    text: str
    mentions: tuple[str, ...] = ()


class CloseCondition(Frozen):
    type: Literal["close_condition"] = "close_condition"
    n: int
    evidence: str | None = None


class Joining(Frozen):
    """What a finished cycle brings into the one it joins; `instead` opens if that one has moved on."""

    initiative_id: str
    title: str
    org_scope: OrgScope
    work_scope: WorkScope
    inheritance: Inheritance
    conditions: tuple[Condition, ...] = ()
    instead: CycleOpened


class JoinParent(Frozen):
    """From a finished cycle to the one its approved Share joins; `planned` names what would have opened else.

    `joining` is looked up in the journal, so nobody can claim to join who was not approved to.
    """

    type: Literal["join_parent"] = "join_parent"
    parent: Annotated[str, IDENTIFIER]
    planned: Annotated[str, IDENTIFIER]
    joining: Joining | None = None


class Ask(Frozen):
    type: Literal["ask"] = "ask"
    text: str = ""
    grants: tuple[Grant, ...] = ()


class AnswerQuestion(Frozen):
    type: Literal["answer_question"] = "answer_question"
    n: int
    text: str = ""


class Acknowledge(Frozen):
    """閲覧確認; `posts` are those the caller reads for today."""

    type: Literal["acknowledge"] = "acknowledge"
    posts: tuple[PostRef, ...] = ()


class ReadAfterwards(Frozen):
    type: Literal["post_review"] = "post_review"
    n: int
    text: str | None = None


class Attach(Frozen):
    """A file beside the current step; its content is in the store already, under its hash."""

    type: Literal["attach"] = "attach"
    name: Annotated[str, NAME]
    size: int
    sha256: Annotated[str, CODE]
    media_type: Annotated[str, IDENTIFIER] = "application/octet-stream"
    grants: tuple[Grant, ...] = ()


class Detach(Frozen):
    type: Literal["detach"] = "detach"
    n: int


class AssignStartup(Frozen):
    """Moves the cycle to a startup of the edition in force; by its owner, the DX team or an administrator."""

    type: Literal["assign_startup"] = "assign_startup"
    startup: Annotated[str, CODE]
    place: RoadmapPlace | None = None
    steers: bool = False


Body = Annotated[
    SaveDraft
    | Submit
    | Decide
    | PullBack
    | Withdraw
    | Retract
    | Resume
    | Comment
    | CloseCondition
    | JoinParent
    | Ask
    | AnswerQuestion
    | Acknowledge
    | ReadAfterwards
    | Attach
    | Detach
    | AssignStartup
    | SetVisibility,
    Field(discriminator="type"),
]


LOOKED_UP = {
    "grants",
    "route",
    "plan",
    "findings",
    "joining",
    "away",
    "mentions",
    "posts",
    "place",
    "steers",
    "leads",
    "opened",
    "acted",
    "names",
    "taken",
}
"""Fields the door fills in; they are no part of what was asked."""
LATER: dict[str, object] = {"pull_up": False}
"""Fields that a released command gained: at their default they leave its fingerprint as it was."""


class Command(Frozen):
    """A command with its envelope.

    Args:
        id: the caller's key; the same id twice does nothing twice.
        actor: person id, authenticated at the door.
        by_token_of: who made the token it came with, when that was somebody else.
        seen_revision: the revision the door saw in SQL; an engine below it is behind its journal.
        if_revision: the revision the caller insists on (If-Match); None when they do not.
        if_draft: the working copy that a submission insists on handing in, 0 for none; asked where it is looked up.
        body: what is asked.
    """

    id: str
    actor: str
    by_token_of: str | None = None
    seen_revision: int = 0
    if_revision: int | None = None
    if_draft: int | None = None
    body: Body

    @property
    def fingerprint(self) -> str:
        """A hash of who asks for what, without what the door looked up: the same ask gives the same print."""
        later = {name for name in LATER if getattr(self.body, name, None) == LATER[name]}
        asked = self.body.model_dump_json(by_alias=True, exclude=LOOKED_UP | later)
        return hashlib.sha256(f"{self.actor}\n{asked}".encode()).hexdigest()[:32]


class Receipt(Frozen):
    """The answer to an accepted command: the revision after it.

    `fingerprint` is given for an opening: what was asked when it was started, which may be another's words.
    """

    cycle_id: str
    command_id: str
    revision: int
    fingerprint: str | None = None
