"""The cycle that an accepted offer starts: filled in from the case, and tested again (docs/field/sharing.md).

What the first office measured is shown as a reference and never taken over: the adopter measures its own baseline,
runs its own trials and finds its own result.
"""

from engine.domain.cycle.events import CycleOpened
from engine.domain.cycle.state import CycleState
from engine.domain.deliverables import Deliverables, Imagine
from engine.domain.lineage.next_cycles import inheritance_of
from engine.domain.spread.offers import Offer, adopt_initiative
from engine.domain.steps import CycleKind


def opening_of_adoption(case: CycleState, offer: Offer) -> CycleOpened:
    """The event that opens the adopt cycle: a function of the case and the answered offer, the same every time.

    Raises:
        ValueError: the offer is not accepted.
    """
    if offer.cycle_id is None or offer.owner is None or offer.org_scope is None:
        raise ValueError(f"{offer.offer_id} is not accepted")
    return CycleOpened(
        cycle_id=offer.cycle_id,
        initiative_id=adopt_initiative(offer.offer_id),
        turn=1,
        kind=CycleKind.ADOPT,
        title=case.title,
        org_scope=offer.org_scope,
        org_unit=offer.org_unit,
        work_scope=case.work_scope,
        pillar=case.pillar,
        startup=case.startup,
        governance=case.governance,
        owner=offer.owner,
        adopted_from=case.cycle_id,
        deliverables=Deliverables(imagine=prefilled(case)),
        inheritance=inheritance_of(case, rebaseline=True),
    )


def prefilled(case: CycleState) -> Imagine:
    """Ideal and metric definitions of the case; nothing that was measured elsewhere."""
    imagine = case.deliverables.imagine
    blank = {"baseline": None, "measured_on": None, "target": None, "due": None}
    return Imagine(
        ideal_statement=imagine.ideal_statement,
        challenged_assumptions=imagine.challenged_assumptions,
        beneficiaries=imagine.beneficiaries,
        metrics=tuple(metric.model_copy(update=blank) for metric in imagine.metrics),
        left_behind=imagine.left_behind,
    )
