"""What each step hands in, as docs/field/steps.md lists it; units are in the field names and descriptions.

Every field may be empty in a draft; `Need` marks say what a submission must hold.
"""

from typing import ClassVar

from engine.domain.deliverables.imagine import Imagine
from engine.domain.deliverables.parts import Part
from engine.domain.deliverables.realise import Realise
from engine.domain.deliverables.share import Share
from engine.domain.deliverables.transform import Transform
from engine.domain.steps import Step

__all__ = ["Deliverable", "Deliverables", "Imagine", "Part", "Realise", "Share", "Transform", "step_of"]


class Deliverables(Part):
    """The four deliverables of a cycle, as far as they are there."""

    imagine: Imagine = Imagine()
    transform: Transform = Transform()
    realise: Realise = Realise()
    share: Share = Share()

    MODELS: ClassVar[dict[Step, type[Imagine | Transform | Realise | Share]]] = {
        Step.IMAGINE: Imagine,
        Step.TRANSFORM: Transform,
        Step.REALISE: Realise,
        Step.SHARE: Share,
    }

    def of(self, step: Step) -> "Deliverable":
        """The deliverable of one step."""
        found: Deliverable = getattr(self, step.value)
        return found

    def with_(self, deliverable: "Deliverable") -> "Deliverables":
        """The same with one step's deliverable replaced; the step follows from its type."""
        return self.model_copy(update={step_of(deliverable).value: deliverable})


Deliverable = Imagine | Transform | Realise | Share


def step_of(deliverable: Deliverable) -> Step:
    """Which step hands this in."""
    return next(step for step, model in Deliverables.MODELS.items() if isinstance(deliverable, model))
