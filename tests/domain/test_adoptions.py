from datetime import UTC, datetime, timedelta

import pytest

from engine.domain.spread.adoption_ledger import Adoption, credited, days, replicated, totals

AT = datetime(2026, 4, 1, tzinfo=UTC)


def one(
    case: str, status: str = "accepted", cycle: str | None = None, offer: str | None = "o", **more: object
) -> Adoption:
    return Adoption.model_validate(
        {"case_id": case, "org_unit": "U2", "status": status, "at": AT, "cycle_id": cycle, "offer_id": offer} | more
    )


def test_credit_follows_the_copies_of_copies_and_their_later_rings() -> None:
    found = [
        one("a-1", cycle="b-1"), one("b-1", cycle="c-1"), one("b-1.1", cycle="d-1", status="unsolicited", offer=None),
        one("z-1", cycle="y-1"), one("a-1", status="declined"),
    ]  # fmt: skip
    rings = {name: name.partition("-")[0] for name in ("b-1", "b-1.1", "c-1", "d-1", "y-1")}
    told = [(adoption.case_id, adoption.cycle_id, adoption.depth) for adoption in credited("a-1", found, rings)]
    assert told == [("a-1", "b-1", 1), ("a-1", None, 1), ("b-1", "c-1", 2), ("b-1.1", "d-1", 2)]


def test_cases_that_copy_each_other_come_to_an_end() -> None:
    found = [one("a-1", cycle="b-1"), one("b-1", cycle="a-1")]
    assert [adoption.depth for adoption in credited("a-1", found, {"a-1": "a", "b-1": "b"})] == [1, 2]


def test_the_rate_is_of_answered_offers_and_none_before_the_first() -> None:
    assert totals([one("a", status="offered")]).adoption_rate is None
    sums = totals(
        [
            one("a", days_to_answer=2), one("a", status="adapting", days_to_answer=4), one("a", status="declined"),
            one("a", status="offered"), one("a", status="withdrawn"),
            one("a", status="unsolicited", offer=None, cycle_status="completed", days_to_adopt=90),
        ]
    )  # fmt: skip
    assert (sums.adoption_rate, sums.median_days_to_answer, sums.median_days_to_adopt) == (0.6667, 3, 90)
    assert (sums.offers, sums.waiting, sums.adopted, sums.declined, sums.unsolicited) == (5, 1, 2, 1, 1)


@pytest.mark.parametrize(
    ("original", "adopter", "ratio"), [(18, 9, 0.5), (18, -9, -0.5), (18, None, None), (None, 9, None), (0, 9, None)]
)
def test_the_effect_is_compared_for_each_case_and_unmeasured_stays_unmeasured(
    original: float | None, adopter: float | None, ratio: float | None
) -> None:
    assert replicated(original, adopter) == ratio
    assert (days(AT, AT + timedelta(hours=36)), days(AT, None)) == (1.5, None)
