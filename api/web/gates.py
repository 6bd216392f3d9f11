"""What a manager looks at, gate by gate (field.md 5.3 to 5.6)."""

from collections.abc import Mapping

from api.web.words import N_
from engine.domain.steps import Step

CHECKS: Mapping[Step, tuple[str, ...]] = {
    Step.IMAGINE: (
        N_("Is it the citizen's view, not the office's?"),
        N_("Is the ideal more than “digitise the form”?"),
        N_("Is the baseline measured, not guessed?"),
        N_("Does the target have a number and a date?"),
        N_("Are people thought of who may be left behind?"),
        N_("Are scope and owner right?"),
    ),
    Step.TRANSFORM: (
        N_("Was the work changed before it was digitised?"),
        N_("Was it tried with real people?"),
        N_("Have security, privacy and accessibility passed?"),
        N_("Is the cost within authority?"),
        N_("Does the way without a computer work?"),
        N_("Can it be undone?"),
    ),
    Step.REALISE: (
        N_("Same unit, method and season as the baseline?"),
        N_("Is the effect more than chance?"),
        N_("Do users feel it, beyond the count?"),
        N_("Is bad news reported too?"),
        N_("Approval says: this result is true – not: it succeeded."),
    ),
    Step.SHARE: (
        N_("Could a stranger repeat it?"),
        N_("Is personal data removed and the public level right?"),
        N_("Is the next scope larger, and does its owner accept?"),
        N_("Does the receiving head agree?"),
    ),
}


def checks_of(step: Step) -> tuple[str, ...]:
    """The questions at a step's gate, in English for the catalogues."""
    return CHECKS[step]
