"""The smallest organisation that works: a city, one office, who administrates it, and who decides for the city."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from engine.domain.organisation.organisation import Duty, Organisation, Person, Post, PostRole, Unit, UnitLevel
from engine.domain.text import NAME

CITY, OFFICE = "0000", "1000"
ADMINISTRATOR, HEAD = "p001", "p002"
FORM = "first-run"
"""The name of an organisation that was made by the form; what replaces it is still the first of a city's own."""
Name = Annotated[str, Field(min_length=1, max_length=80), NAME]


class FirstCity(BaseModel):
    """What is asked of whoever begins.

    Attributes:
        city: its name, such as 茨木市.
        office: where the administrator works, such as DX推進課.
        name: the administrator's.
        email: theirs; a sign-in provider is matched by it.
        head: the name of whoever decides for the city.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    city: Name
    office: Name
    name: Name
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=200)]
    head: Name


def first_city(asked: FirstCity) -> Organisation:
    """Two offices and two people; everything else comes with the city's own file."""
    return Organisation(
        units=(
            Unit(code=CITY, name_ja=asked.city, name_en=asked.city, level=UnitLevel.CITYWIDE),
            Unit(code=OFFICE, name_ja=asked.office, name_en=asked.office, level=UnitLevel.SECTION, parent_code=CITY),
        ),
        people=(
            Person(person_id=ADMINISTRATOR, name=asked.name, email=asked.email),
            Person(person_id=HEAD, name=asked.head, email=""),
        ),
        posts=(
            Post(
                person_id=ADMINISTRATOR, unit_code=OFFICE, title="管理者", role=PostRole.STAFF,
                duties=(Duty.ADMIN, Duty.DX_TEAM),
            ),
            Post(person_id=HEAD, unit_code=CITY, title="市長", role=PostRole.HEAD),
        ),
    )  # fmt: skip
