"""Completeness as data: each field of a deliverable says from which profile on it is needed.

One model serves draft and submission, so a draft may hold whatever is there so far (types and unknown names are
checked at once), and `missing` names what a submission still lacks. The form grows with the ring: the *light*
profile for one person's or one unit's improvement, the *full* one from a section up (docs/field/steps.md). The marks
stand in each step's file, the line between the two in `Policy.profile`, further demands in `moves.completeness`.
"""

from collections.abc import Iterator
from enum import StrEnum

from pydantic import BaseModel

from engine.domain.errors import FieldError


class Profile(StrEnum):
    """How much a submission must say."""

    LIGHT = "light"
    FULL = "full"


class Need:
    """Marks a field, inside `Annotated`, as needed from a profile on."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def __repr__(self) -> str:
        """As it reads in the annotation."""
        return f"Need({self.profile.value})"

    def binds(self, profile: Profile) -> bool:
        """Whether the field is needed under `profile`."""
        return self.profile is Profile.LIGHT or profile is Profile.FULL


LIGHT = Need(Profile.LIGHT)
FULL = Need(Profile.FULL)


def missing(model: BaseModel, profile: Profile, pointer: str = "") -> Iterator[FieldError]:
    """Every needed place in `model` that is still empty, as JSON pointers in field order."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        here = f"{pointer}/{name}"
        need = next((mark for mark in field.metadata if isinstance(mark, Need)), None)
        if is_empty(value):
            if need is not None and need.binds(profile):
                yield FieldError(pointer=here, code="missing")
            continue
        if isinstance(value, BaseModel):
            yield from missing(value, profile, here)
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, BaseModel):
                    yield from missing(item, profile, f"{here}/{index}")


def is_empty(value: object) -> bool:
    """Nothing given: absent, blank, or an empty list. Zero and False are answers."""
    return value is None or value == () or (isinstance(value, str) and not value.strip())
