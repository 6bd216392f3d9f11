"""The first cycle of an initiative: who may start what, and where."""

from datetime import date
from typing import Annotated

from pydantic import Field

from engine.domain.base import Frozen
from engine.domain.cycle.events import CycleOpened
from engine.domain.cycle.incoming import faults
from engine.domain.cycle.state import CycleState
from engine.domain.deliverables import Deliverables
from engine.domain.errors import FieldError, conflict, forbidden, invalid
from engine.domain.organisation.organisation import Organisation, UnitLevel
from engine.domain.roadmap import Edition, Governance, Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleKind, CycleStatus
from engine.domain.text import CODE, IDENTIFIER, TITLE, shows

_LEVELS = {
    OrgScope.UNIT: UnitLevel.UNIT,
    OrgScope.SECTION: UnitLevel.SECTION,
    OrgScope.DEPARTMENT: UnitLevel.DEPARTMENT,
    OrgScope.CITYWIDE: UnitLevel.CITYWIDE,
}


class InitiativeAsked(Frozen):
    """What a person says when they start an initiative (docs/guides/http.md, `POST /initiatives`)."""

    title: Annotated[str, Field(max_length=200), TITLE] = ""
    org_scope: OrgScope
    org_unit: Annotated[str, CODE]
    work_scope: WorkScope
    pillar: Pillar | None = None
    startup: Annotated[str | None, CODE] = None
    adopted_from: Annotated[str | None, IDENTIFIER] = None


def open_initiative(  # noqa: PLR0913 - facts of one opening, each named
    asked: InitiativeAsked,
    *,
    initiative_id: str,
    owner: str,
    organisation: Organisation,
    edition: Edition | None,
    on: date,
) -> CycleOpened:
    """The event that opens the first cycle, or every reason why not.

    Raises:
        DomainError: `invalid_fields` with pointers; `not_your_unit` when the owner holds no post there today.
    """
    errors = [*_title(asked), *faults(asked), *scope_errors(asked.org_scope, asked.org_unit, organisation)]
    startup = edition.startup(asked.startup) if edition and asked.startup else None
    if asked.startup and startup is None:
        errors.append(FieldError(pointer="/startup", code="unknown_startup", params={"startup": asked.startup}))
    if startup and startup.pillar and asked.pillar and startup.pillar is not asked.pillar:
        errors.append(FieldError(pointer="/pillar", code="another_pillar", params={"pillar": startup.pillar.value}))
    if errors:
        raise invalid(*errors)
    if not holds_post_in(owner, asked.org_unit, organisation, on):
        raise forbidden("not_your_unit", unit=asked.org_unit)
    return CycleOpened(
        cycle_id=f"{initiative_id}-1",
        initiative_id=initiative_id,
        turn=1,
        kind=CycleKind.ADOPT if asked.adopted_from else CycleKind.START,
        title=asked.title.strip(),
        org_scope=asked.org_scope,
        org_unit=asked.org_unit,
        work_scope=asked.work_scope,
        pillar=asked.pillar or (startup.pillar if startup else None),
        startup=asked.startup or None,
        governance=startup.governance if startup else Governance.SECTION_LED,
        owner=owner,
        adopted_from=asked.adopted_from or None,
    )


def open_copy(opened: CycleOpened, source: CycleState) -> CycleOpened:
    """引用起案: the opening with what an ended cycle held as drafts. Approvals and files are not copied.

    What a completed cycle measured and shared stays its own; a rejected or withdrawn one is copied whole.

    Raises:
        DomainError: `not_over` while the source is open.
    """
    if source.status.is_open:
        raise conflict("not_over")
    drafts = source.deliverables
    if source.status is CycleStatus.COMPLETED:
        drafts = Deliverables(imagine=drafts.imagine, transform=drafts.transform)
    hidden = {"visibility": source.visibility, "readers": source.readers}
    return opened.model_copy(update={"deliverables": drafts, "copied_from": source.cycle_id} | hidden)


def _title(asked: InitiativeAsked) -> list[FieldError]:
    return [] if shows(asked.title) else [FieldError(pointer="/title", code="missing")]


def scope_errors(org_scope: OrgScope, org_unit: str, organisation: Organisation, at: str = "") -> list[FieldError]:
    """Whether the unit exists and stands on the rung the scope names; one person may be anywhere."""
    unit = organisation.unit(org_unit)
    if unit is None:
        return [FieldError(pointer=f"{at}/org_unit", code="unknown_unit", params={"unit": org_unit})]
    if org_scope is not OrgScope.INDIVIDUAL and unit.level is not _LEVELS[org_scope]:
        params = {"unit": org_unit, "level": unit.level.value, "scope": org_scope.value}
        return [FieldError(pointer=f"{at}/org_unit", code="unit_on_another_level", params=params)]
    return []


def level_of(org_scope: OrgScope) -> UnitLevel | None:
    """The level a scope's unit stands on; None for one person, who may be anywhere."""
    return _LEVELS.get(org_scope)


def scope_of(level: UnitLevel) -> OrgScope:
    """The scope that a unit of this level stands for."""
    return next(scope for scope, its_level in _LEVELS.items() if its_level is level)


def holds_post_in(person: str, unit: str, organisation: Organisation, on: date) -> bool:
    """Whether the person holds a post in the unit or below it on that day: a 係's staff belong to its 課."""
    return any(organisation.is_same_or_ancestor(unit, post.unit_code) for post in organisation.posts_of(person, on))
