"""合議: why a duty is asked, by the triggers of the policy; the route asks whether, and its reasons ask why."""

from collections.abc import Iterator

from engine.domain.cycle.state import CycleState
from engine.domain.deliverables.transform import CheckResult
from engine.domain.review.policy import Concurrence, Policy
from engine.domain.roadmap import Governance
from engine.domain.steps import Step

Trigger = tuple[str, dict[str, str]]
"""The code of a reason, and what it fills in."""


def triggered(trigger: Concurrence, state: CycleState, policy: Policy) -> Iterator[Trigger]:
    """Everything in the step that concerns the trigger's duty; a small improvement is not burdened."""
    if state.step is Step.IMAGINE and trigger.cross_agency and state.governance is Governance.CROSS_AGENCY:
        yield "cross_agency", {}
    if state.step is not Step.TRANSFORM or state.org_scope.rank < policy.concurrence_from.rank:
        return
    transform = state.deliverables.transform
    cost = (transform.cost_initial_yen or 0) + (transform.cost_running_yen or 0)
    privacy = transform.checks.privacy if transform.checks else None
    if trigger.cost_above_yen is not None and cost > trigger.cost_above_yen:
        yield "cost_above_limit", {"cost": f"{cost:,.0f}", "limit": f"{trigger.cost_above_yen:,.0f}"}
    if trigger.new_system and transform.tools:
        yield "new_system", {}
    if trigger.rule_change and transform.rule_changes:
        yield "rule_change", {}
    if trigger.staffing and (transform.staffing_change or "").strip():
        yield "staffing", {}
    if trigger.personal_data and privacy not in {None, CheckResult.NA}:
        yield "personal_data", {}
