"""From an approved Share to the cycles that follow, and what they inherit (docs/field/ladders.md)."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from engine.domain.calendar import start_of
from engine.domain.cycle.events import CycleOpened, Inheritance, PlannedNext
from engine.domain.cycle.state import CycleState
from engine.domain.deliverables import Deliverables, Imagine
from engine.domain.errors import FieldError, invalid
from engine.domain.lineage.open_cycle import holds_post_in, level_of, scope_errors
from engine.domain.organisation.organisation import Organisation, PostRef, PostRole
from engine.domain.scope import OrgScope, Scope
from engine.domain.steps import CycleKind


class Place(Protocol):
    """Where a cycle stands that another one wants to join."""

    @property
    def scope(self) -> Scope:
        """Its rungs."""
        ...

    @property
    def org_unit(self) -> str:
        """Its unit."""
        ...


def plan_next(
    state: CycleState,
    organisation: Organisation,
    on: date,
    utc_offset_minutes: int = 540,
    joins: Mapping[str, Place] | None = None,
) -> tuple[PlannedNext, ...]:
    """The cycles that the Share in `state` asks for, with units and owners found on that day.

    `joins` says where the cycles stand that it wants to join; the plan holds their place, in case they have moved on
    when it arrives.

    Raises:
        DomainError: `invalid_fields` with a pointer below `/next` for every unit or owner that cannot be.
    """
    errors: list[FieldError] = []
    planned: list[PlannedNext] = []
    for index, following in enumerate(state.deliverables.share.next):
        kind = following.kind.cycle_kind if following.kind else None
        if kind is None:
            continue
        here = f"/next/{index}"
        joined = (joins or {}).get(following.join) if following.join else None
        if following.join and joined is None:
            errors.append(FieldError(pointer=f"{here}/join", code="unknown_cycle", params={"cycle": following.join}))
            continue
        scope = joined.scope if joined else following.scope_after(state.scope)
        unit = joined.org_unit if joined else following.org_unit or unit_for(state, scope.org, organisation)
        found = _place_errors(state, scope.org, unit, organisation, here)
        owner = following.owner or _owner(state, scope, unit, kind, organisation, on)
        if following.owner and not found:
            found += _owner_errors(following.owner, unit, organisation, on, here)
        errors += found
        planned.append(
            PlannedNext(
                cycle_id=f"{state.cycle_id}.{len(planned) + 1}",
                kind=kind,
                org_scope=scope.org,
                org_unit=unit,
                work_scope=scope.work,
                owner=owner,
                reason=following.reason or "",
                review_on=following.review_on,
                sleeps_until=(
                    start_of(following.review_on, utc_offset_minutes)
                    if kind is CycleKind.SUSTAIN and following.review_on
                    else None
                ),
                skips_a_rung=state.scope.skips_into(scope),
                join=following.join,
            )
        )
    if errors:
        raise invalid(*errors)
    return tuple(planned)


def unit_for(state: CycleState, org_scope: OrgScope, organisation: Organisation) -> str:
    """The same unit, or its ancestor on the rung that the scope names."""
    level = level_of(org_scope)
    here = organisation.unit(state.org_unit)
    lineage = (*((here,) if here else ()), *organisation.ancestors(state.org_unit))
    return next((unit.code for unit in lineage if unit.level == level), state.org_unit)


def _place_errors(
    state: CycleState, org_scope: OrgScope, unit: str, organisation: Organisation, here: str
) -> list[FieldError]:
    errors = scope_errors(org_scope, unit, organisation, here)
    if not errors and not organisation.is_same_or_ancestor(unit, state.org_unit):
        params = {"unit": unit, "from": state.org_unit}
        errors.append(FieldError(pointer=f"{here}/org_unit", code="unit_not_above", params=params))
    return errors


def _owner_errors(owner: str, unit: str, organisation: Organisation, on: date, here: str) -> list[FieldError]:
    if organisation.person(owner) is None:
        return [FieldError(pointer=f"{here}/owner", code="unknown_person", params={"person": owner})]
    if not holds_post_in(owner, unit, organisation, on):
        params = {"person": owner, "unit": unit}
        return [FieldError(pointer=f"{here}/owner", code="owner_not_in_unit", params=params)]
    return []


def _owner(  # noqa: PLR0913, PLR0917 - the head, else the deputy, else who did it so far
    state: CycleState, scope: Scope, unit: str, kind: CycleKind, organisation: Organisation, on: date
) -> str:
    if kind is not CycleKind.EXPAND or scope.org is state.org_scope:
        return state.owner
    heads = organisation.holders(PostRef(kind="head", unit=unit), on)
    deputies = [
        post.person_id
        for post in organisation.posts
        if post.unit_code == unit and post.role is PostRole.DEPUTY and post.holds_on(on)
    ]
    return next(iter((*heads, *sorted(deputies))), state.owner)


def opening_of(state: CycleState, planned: PlannedNext) -> CycleOpened:
    """The event that opens a following cycle, with everything it inherits filled in.

    Of a plan to join another cycle this is what opens when that one has moved on.
    """
    grew = (planned.org_scope, planned.work_scope) != (state.org_scope, state.work_scope)
    carried = tuple(
        one.model_copy(update={"n": number, "blocking": True})
        for number, one in enumerate(state.open_conditions(), start=1)
    )
    return CycleOpened(
        cycle_id=planned.cycle_id,
        initiative_id=state.initiative_id,
        turn=state.turn + 1,
        kind=planned.kind,
        title=state.title,
        org_scope=planned.org_scope,
        org_unit=planned.org_unit,
        work_scope=planned.work_scope,
        pillar=state.pillar,
        startup=state.startup,
        governance=state.governance,
        owner=planned.owner,
        parents=(state.cycle_id,),
        deliverables=Deliverables(imagine=_inherited_imagine(state, rebaseline=grew)),
        inheritance=inheritance_of(state, rebaseline=grew),
        conditions=carried,
        sleeps_until=planned.sleeps_until,
        instead_of_joining=planned.join,
        visibility=state.visibility,
        readers=state.readers,
    )


def _inherited_imagine(state: CycleState, *, rebaseline: bool) -> Imagine:
    """Ideal and metric definitions are copied; what was measured before stays only where the scope stayed the same.

    The same scope keeps its first baseline, so that its effect stays comparable and increments along the lineage add
    up; the last actual values are shown beside it as a reference.
    """
    imagine = state.deliverables.imagine
    if not rebaseline:
        return imagine
    blank = {"baseline": None, "measured_on": None, "target": None, "due": None}
    return Imagine(
        ideal_statement=imagine.ideal_statement,
        beneficiaries=imagine.beneficiaries,
        metrics=tuple(metric.model_copy(update=blank) for metric in imagine.metrics),
        left_behind=imagine.left_behind,
    )


def _actuals(state: CycleState) -> dict[str, float]:
    return {
        result.metric: result.value
        for result in state.deliverables.realise.results
        if result.metric is not None and result.value is not None
    }


def inheritance_of(state: CycleState, *, rebaseline: bool) -> Inheritance:
    """What a cycle passes on; the same scope also keeps the baseline that its effects are measured against."""
    imagine = state.deliverables.imagine
    share, actual = state.deliverables.share, state.deliverables.realise.actual
    return Inheritance(
        from_cycles=(state.cycle_id,),
        adviser=state.owner,
        rebaseline_required=rebaseline,
        reference_baselines=_actuals(state),
        metric_units={metric.code: metric.unit for metric in imagine.metrics if metric.code and metric.unit},
        reference_minutes_per_case=actual.minutes_per_case if actual else None,
        reference_cases_per_year=actual.cases_per_year if actual else None,
        reference_hours_saved_per_year=state.effects.hours_saved_per_year,
        reference_yen_per_year=state.effects.yen_per_year,
        kept_baselines={
            metric.code: metric.baseline
            for metric in imagine.metrics
            if not rebaseline and metric.code and metric.baseline is not None
        },
        kept_as_is=None if rebaseline else imagine.as_is,
        lessons_failed=share.lessons_failed,
        hard_parts=share.case.hard_parts if share.case else None,
        core_elements=share.core_elements,
        adaptable_elements=share.adaptable_elements,
        assets=share.assets,
    )
