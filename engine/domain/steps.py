"""The four steps of the spiral, in their order (the city's page, DXする 実践への4ステップ)."""

from enum import StrEnum


class Step(StrEnum):
    """想像する · 取り組む · 実感する · 共有する."""

    IMAGINE = "imagine"
    TRANSFORM = "transform"
    REALISE = "realise"
    SHARE = "share"

    @property
    def rank(self) -> int:
        """1 to 4."""
        return ORDER.index(self) + 1

    @property
    def next(self) -> "Step | None":
        """The step that opens when this one is approved; None after Share."""
        return None if self is Step.SHARE else ORDER[self.rank]


ORDER: tuple[Step, ...] = (Step.IMAGINE, Step.TRANSFORM, Step.REALISE, Step.SHARE)


class StepStatus(StrEnum):
    """Where the current step stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"


class CycleStatus(StrEnum):
    """Where the cycle stands; the last three are its ends."""

    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Whether anything can still happen."""
        return self in (CycleStatus.ACTIVE, CycleStatus.ON_HOLD)


class CycleKind(StrEnum):
    """Why this cycle began."""

    START = "start"
    EXPAND = "expand"
    RETRY = "retry"
    SUSTAIN = "sustain"
    ADOPT = "adopt"
