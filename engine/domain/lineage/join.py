"""合流: a small cycle flows into a larger one that is still being imagined, instead of opening one of its own.

The joining Share names the larger cycle. When it is approved, the larger cycle takes it as another parent; if that
has moved on in the meantime, it says so and the joining cycle opens its own next one after all, so nothing is lost.
"""

from collections.abc import Iterable, Mapping

from engine.domain.base import Frozen
from engine.domain.cycle import commands as c
from engine.domain.cycle import events as e
from engine.domain.cycle.recorder import Record
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.visibility import Visibility
from engine.domain.errors import FieldError, conflict
from engine.domain.lineage.next_cycles import inheritance_of, opening_of
from engine.domain.organisation.organisation import Organisation
from engine.domain.scope import Growth, OrgScope, Scope, WorkScope
from engine.domain.steps import CycleStatus, Step, StepStatus


class JoinTarget(Frozen):
    """A cycle that others may want to flow into, as it is now."""

    cycle_id: str
    org_scope: OrgScope
    org_unit: str
    work_scope: WorkScope
    status: CycleStatus
    step: Step
    step_status: StepStatus
    visibility: Visibility = Visibility.OFFICE

    @property
    def scope(self) -> Scope:
        """The rungs it stands on."""
        return Scope(org=self.org_scope, work=self.work_scope)

    @classmethod
    def of(cls, state: CycleState) -> "JoinTarget":
        """The cycle as others see it."""
        return cls(**{name: getattr(state, name) for name in cls.model_fields})


def too_late(target: JoinTarget) -> str | None:
    """Why nothing flows into it any more: only while its Imagine is being written; None while it can."""
    if not target.status.is_open:
        return "join_closed"
    if target.step is not Step.IMAGINE or target.step_status is StepStatus.IN_REVIEW:
        return "join_moved_on"
    return None


def join_errors(
    state: CycleState, targets: Mapping[str, JoinTarget], growth: Growth, organisation: Organisation
) -> tuple[FieldError, ...]:
    """What is wrong with the joins that the Share in `state` asks for, at the time it is handed in."""
    return tuple(_join_errors(state, targets, growth, organisation))


def _join_errors(
    state: CycleState, targets: Mapping[str, JoinTarget], growth: Growth, organisation: Organisation
) -> Iterable[FieldError]:
    seen: set[str] = set()
    for index, following in enumerate(state.deliverables.share.next):
        if following.join is None:
            continue
        here, target = f"/next/{index}/join", targets.get(following.join)
        params = {"cycle": following.join}
        if target is None or following.join == state.cycle_id:
            yield FieldError(pointer=here, code="unknown_cycle", params=params)
        elif following.join in seen:
            yield FieldError(pointer=here, code="join_twice", params=params)
        elif (late := too_late(target)) is not None:
            yield FieldError(pointer=here, code=late, params=params)
        elif state.visibility.rank > target.visibility.rank:
            yield FieldError(pointer=here, code="join_opens", params=params)
        elif not state.scope.grows_into(target.scope, growth):
            yield FieldError(pointer=here, code="scope_does_not_grow", params={"rule": growth.value})
        elif not organisation.is_same_or_ancestor(target.org_unit, state.org_unit):
            units = {"unit": target.org_unit, "from": state.org_unit}
            yield FieldError(pointer=here, code="unit_not_above", params=units)
        elif state.scope.skips_into(target.scope) and not (following.reason or "").strip():
            yield FieldError(pointer=f"/next/{index}/reason", code="skip_needs_reason")
        seen.add(following.join)


def joining_of(state: CycleState, target: str, planned: str) -> c.Joining:
    """What a completed cycle brings into the one it joins, and what opens if it comes too late.

    Raises:
        DomainError: `no_such_join` when its approved Share says nothing of it.
    """
    plan = next((one for one in state.next_cycles if (one.cycle_id, one.join) == (planned, target)), None)
    if plan is None or state.status is not CycleStatus.COMPLETED:
        raise conflict("no_such_join", cycle=state.cycle_id)
    instead = opening_of(state, plan)
    return c.Joining(
        initiative_id=state.initiative_id,
        title=state.title,
        org_scope=state.org_scope,
        work_scope=state.work_scope,
        inheritance=inheritance_of(state, rebaseline=True),
        conditions=instead.conditions,
        instead=instead,
    )


def join_command(state: CycleState, planned: e.PlannedNext) -> c.Command:
    """The message from a finished cycle to the one it joins; sent twice it does nothing twice."""
    body = c.JoinParent(parent=state.cycle_id, planned=planned.cycle_id)
    return c.Command(id=f"join/{planned.cycle_id}", actor=e.SYSTEM, body=body)


def join(record: Record, body: c.JoinParent) -> None:
    """Takes a parent in, or writes down why not and what opens instead."""
    state, joining = record.state, body.joining
    if joining is None:
        raise conflict("no_such_join", cycle=body.parent)
    why = too_late(JoinTarget.of(state))
    smaller = Scope(org=joining.org_scope, work=joining.work_scope)
    if why is None and body.parent in state.parents:
        return
    if why is None and not smaller.grows_into(state.scope, Growth.EITHER):
        why = "scope_does_not_grow"
    if why is not None:
        record.add(e.JoinRefused(parent=body.parent, title=joining.title, why=why, instead=body.planned))
        return
    record.add(
        e.ParentJoined(
            parent=body.parent,
            initiative_id=joining.initiative_id,
            title=joining.title,
            inheritance=joining.inheritance,
            conditions=joining.conditions,
        )
    )


def turned_away(state: CycleState, command: c.Command) -> e.CycleOpened | None:
    """The cycle to open because a join came too late; None for everything else."""
    body = command.body
    if not isinstance(body, c.JoinParent) or body.joining is None:
        return None
    late = any(one.instead == body.planned for one in state.turned_away)
    return body.joining.instead if late else None
