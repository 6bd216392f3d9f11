"""What somebody sends as a step's deliverable, read strictly: from JSON, from a form, from a file."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from engine.domain.cycle.incoming import MOST, faults, normal
from engine.domain.deliverables import Deliverable, Deliverables
from engine.domain.errors import invalid
from engine.domain.model_faults import validated
from engine.domain.steps import Step


def read_deliverable(step: Step, given: Mapping[str, Any]) -> Deliverable:
    """The step's deliverable; it may be incomplete, but it holds no unknown field.

    Raises:
        DomainError: `invalid_fields`, each with its pointer.
    """
    plain = normal(dict(given))
    _refuse(plain)
    try:
        found: Deliverable = Deliverables.MODELS[step].model_validate_json(json.dumps(plain), extra="forbid")
    except ValidationError as error:
        raise validated(error) from error
    _refuse(found)
    return found


def _refuse(value: object) -> None:
    wrong = faults(value)
    if wrong:
        raise invalid(*wrong[:MOST])
