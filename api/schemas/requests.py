"""The shapes of requests. Unknown fields are refused, so that a misspelt one is not silently lost."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from engine.domain.cycle.commands import ConditionAsked
from engine.domain.cycle.visibility import MOST_READERS, Visibility
from engine.domain.days import NearDay, NearDayOrInstant
from engine.domain.ledger.credentials import USUAL
from engine.domain.review.review import Action
from engine.domain.roadmap import Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.text import Code, Identifier, Title, Words

Round = Annotated[int, Field(ge=0, le=2**31 - 1, strict=True)]


class Asked(BaseModel):
    """A request body."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AskedInitiative(Asked):
    """A new initiative; `org_unit` must stand on the rung that `org_scope` names (one person may be anywhere)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "住民票が届く窓口", "org_scope": "individual", "org_unit": "1101", "work_scope": "task",
                    "pillar": "P1",
                }
            ]
        }
    )  # fmt: skip

    title: Title
    org_scope: OrgScope
    org_unit: Code
    work_scope: WorkScope
    pillar: Pillar | None = None
    startup: Code | None = None
    adopted_from: Identifier | None = None


class AskedCopy(Asked):
    """What is to be another in the copy; the rest stays as it was."""

    title: Title | None = None
    org_scope: OrgScope | None = None
    org_unit: Code | None = None
    work_scope: WorkScope | None = None
    pillar: Pillar | None = None
    startup: Code | None = None


class AskedSubmission(Asked):
    """Hands the current step in."""

    message: Words | None = None


class AskedCondition(Asked):
    """A condition of an approval, due within three months; its owner is the cycle's unless named."""

    text: Words = ""
    owner: Code | None = None
    due: NearDay | None = None

    def plain(self) -> ConditionAsked:
        """As the domain takes it."""
        return ConditionAsked(text=self.text, owner=self.owner, due=self.due)


class AskedDecision(Asked):
    """A decision for one round."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"action": "approve", "round": 1},
                {"action": "return", "round": 1, "reason": "基準値を測り直してください", "return_to": "imagine"},
                {"action": "hold", "round": 1, "hold_until": "2027-04-01", "reason": "予算成立まで"},
            ]
        }
    )

    action: Action
    round: Round
    reason: Words | None = None
    return_to: Identifier | None = Field(
        default=None, description="`drafter`, a step, or the key or post of an earlier stage of the route"
    )
    conditions: Annotated[tuple[AskedCondition, ...], Field(max_length=50)] = ()
    hold_until: NearDayOrInstant | None = None
    pull_up: bool = Field(default=False, description="引上げ: as a superior, for whoever has it below")


class AskedReason(Asked):
    """Why."""

    reason: Words | None = None


class AskedRetraction(Asked):
    """決裁の取消し: which decision of one's own, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"round": 1, "reason": "添付の見積が古いものだった"}]})

    round: Annotated[Round, Field(description="of the decision that is meant")]
    reason: Words | None = None


class AskedStartup(Asked):
    """A startup of the edition in force."""

    startup: Code


class AskedVisibility(Asked):
    """Who may read it from now on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"level": "restricted", "readers": ["p012"], "reason": "人事に関わるため"}]}
    )

    level: Visibility
    readers: Annotated[tuple[Code, ...], Field(max_length=MOST_READERS)] | None = Field(
        default=None, description="who is named besides; absent: as they are"
    )
    reason: Words | None = Field(default=None, description="needed when more people may read than before")


class AskedComment(Asked):
    """A comment."""

    text: Words


class AskedQuestion(Asked):
    """A question to the owner, or their answer."""

    text: Words = ""


class AskedPostReview(Asked):
    """後閲: that it was read, with or without a comment."""

    text: Words | None = None


class AskedEvidence(Asked):
    """What shows that a condition is met."""

    evidence: Words | None = None


class AskedBulkItem(Asked):
    """One of many decisions."""

    cycle_id: Identifier
    round: Round
    action: Action
    reason: Words | None = None


class AskedBulk(Asked):
    """Up to 100 decisions; each has its own result."""

    items: Annotated[tuple[AskedBulkItem, ...], Field(min_length=1, max_length=100)]


class AskedAbsence(Asked):
    """Away from `from` to `to`, both included."""

    model_config = ConfigDict(
        populate_by_name=True,
        json_schema_extra={"examples": [{"from": "2026-12-01", "to": "2026-12-05", "proxy": "p046"}]},
    )

    first: Annotated[NearDay, Field(alias="from")]
    last: Annotated[NearDay, Field(alias="to")]
    proxy: Code | None = None
    person_id: Code | None = None


class CredentialRequest(Asked):
    """A token: for a person, yourself unless said, or for a program (`service`) with `rights` of its own."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "夜間の集計", "days": 30, "read_only": True}]})

    person_id: Code | None = None
    service: Code | None = None
    name: Annotated[Title, Field(description="what it is for")] = ""
    days: Annotated[int, Field(ge=1, le=366, strict=True)] = USUAL
    read_only: bool = False
    rights: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
