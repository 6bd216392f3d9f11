"""決裁規程: the approval policies that were put in force, for reading."""

from api.container import Desk
from api.schemas.policy import PolicyLine, PolicyWhole
from engine.contracts.documents import POLICY
from engine.domain.errors import not_found
from engine.domain.review.policy import DEFAULT, Policy


def lines(desk: Desk) -> list[PolicyLine]:
    """Every policy, the newest first."""
    return [PolicyLine(**one.model_dump(exclude={"policy"})) for one in _all(desk)]


def whole(number: int, desk: Desk) -> PolicyWhole:
    """One policy with everything it says.

    Raises:
        DomainError: `unknown_policy`.
    """
    found = next((one for one in _all(desk) if one.number == number), None)
    if found is None:
        raise not_found("unknown_policy", n=str(number))
    return found


def _all(desk: Desk) -> list[PolicyWhole]:
    rows = desk.reader.documents(POLICY)
    found = [
        PolicyWhole(
            number=row.number or 0, id=row.name, imported_at=row.imported_at, imported_by=row.imported_by,
            in_force=index == 0, policy=Policy.model_validate_json(row.content),
        )
        for index, row in enumerate(rows)
    ]  # fmt: skip
    builtin = PolicyWhole(
        number=0, id=DEFAULT.id, imported_at=None, imported_by=None, in_force=not rows, policy=DEFAULT
    )
    return [*found, builtin]
