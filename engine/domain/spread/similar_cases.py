"""Cases like the one being imagined: shared rare words, the same metric, the same pillar."""

from collections.abc import Mapping, Sequence
from math import log

from engine.domain.base import Frozen
from engine.domain.cycle.state import CycleState

PILLAR, METRIC = 0.15, 0.25
"""What the same pillar and the same metric add to the share of words, which is 0 to 1."""


class Likeness(Frozen):
    """How like a case is, and why: the shared words, the shared metrics, whether the pillar is the same."""

    score: float
    words: tuple[str, ...]
    metrics: tuple[str, ...]
    same_pillar: bool


def words_of(state: CycleState) -> tuple[str, ...]:
    """What is being imagined, in words: title, ideal, refused assumptions, metrics."""
    imagine = state.deliverables.imagine
    given = (
        state.title,
        imagine.ideal_statement,
        *(one.text for one in imagine.challenged_assumptions),
        *(one.name for one in imagine.metrics),
    )
    return tuple(text for text in given if text)


def says_something(token: str) -> bool:
    """Whether sharing a token means sharing a subject: a piece with hiragana in it (した, 件の, えを) does not.

    The index cuts Japanese into pairs of signs, so most pairs with hiragana are grammar or the seam of two words.
    """
    return len(token) > 1 and not any("\u3041" <= sign <= "\u309f" for sign in token)


def likeness(  # noqa: PLR0913, PLR0917 - two cycles, their tokens, and how rare those are
    cycle: CycleState,
    case: CycleState,
    mine: Sequence[str],
    theirs: Sequence[str],
    seen_in: Mapping[str, int],
    cases: int,
) -> Likeness:
    """Shared tokens weighted by how rare they are (idf), plus metric and pillar.

    Args:
        cycle: what is being imagined.
        case: what it is compared with.
        mine: tokens of what is imagined.
        theirs: tokens of the case.
        seen_in: in how many cases each token occurs.
        cases: how many there are.
    """
    wanted, held = dict.fromkeys(mine), set(theirs)
    weight = {token: log(1 + cases / (1 + seen_in.get(token, 0))) for token in wanted}
    shared = [token for token in wanted if token in held]
    whole = sum(weight.values())
    codes = {one.code or one.name for one in case.deliverables.imagine.metrics}
    metrics = tuple(
        name for one in cycle.deliverables.imagine.metrics if (name := one.code or one.name) and name in codes
    )
    same_pillar = cycle.pillar is not None and cycle.pillar is case.pillar
    score = sum(weight[token] for token in shared) / whole if whole else 0.0
    score += METRIC * bool(metrics) + PILLAR * same_pillar
    rarest = sorted(shared, key=lambda token: -weight[token])[:5]
    return Likeness(score=round(score, 6), words=tuple(rarest), metrics=metrics, same_pillar=same_pillar)
