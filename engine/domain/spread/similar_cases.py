"""Cases like the one being imagined: which are compared, what makes them alike, and which of them are shown.

Alike are shared rare words, the same metric, the same pillar. How a text falls into tokens is the index's; where the
cases stand is the store's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import log

from engine.domain.base import Frozen
from engine.domain.cycle.state import CycleState
from engine.domain.spread.cases import texts_of

Tokens = Callable[[str], Sequence[str]]
"""Cuts a text as the index of cases does."""
MOST_WORDS, SHOWN = 60, 5
"""Tokens that a comparison looks at, and cases that are shown."""
PILLAR, METRIC = 0.15, 0.25
"""What the same pillar and the same metric add to the share of words, which is 0 to 1."""


class Rarity(Frozen):
    """In how many cases each token occurs, and how many cases there are."""

    seen_in: Mapping[str, int]
    cases: int

    def weight(self, token: str) -> float:
        """How much sharing the token says (idf)."""
        return log(1 + self.cases / (1 + self.seen_in.get(token, 0)))


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


def words_asked(cycle: CycleState, tokens: Tokens) -> tuple[str, ...]:
    """What is being imagined as the tokens that a case is looked for by; none when nothing has been said yet."""
    found = (token for text in words_of(cycle) for token in tokens(text) if says_something(token))
    return tuple(dict.fromkeys(found))[:MOST_WORDS]


def similar(
    cycle: CycleState, cases: Iterable[CycleState], asked: Sequence[str], tokens: Tokens, rarity: Rarity
) -> list[tuple[CycleState, Likeness]]:
    """Those of some cases that are like what `cycle` imagines, the most alike first, at most `SHOWN`.

    One of each other initiative, since its rings are alike, and one of each title and office. The cycle's own stand
    in its lineage. What shares neither a word nor a metric is not alike, whatever its pillar.
    """
    compared = [(one, likeness(cycle, one, asked, tokens("\n".join(texts_of(one))), rarity)) for one in cases]
    initiatives, titles, found = {cycle.initiative_id}, set[tuple[str, str]](), list[tuple[CycleState, Likeness]]()
    for one, why in sorted(compared, key=lambda pair: (-pair[1].score, pair[0].cycle_id)):
        if one.initiative_id in initiatives or not (why.words or why.metrics):
            continue
        initiatives.add(one.initiative_id)
        if (title := (one.title, one.org_unit)) not in titles:
            titles.add(title)
            found.append((one, why))
    return found[:SHOWN]


def likeness(
    cycle: CycleState, case: CycleState, mine: Sequence[str], theirs: Sequence[str], rarity: Rarity
) -> Likeness:
    """Shared tokens weighted by how rare they are, plus metric and pillar.

    Args:
        cycle: what is being imagined.
        case: what it is compared with.
        mine: tokens of what is imagined.
        theirs: tokens of the case.
        rarity: of the tokens.
    """
    wanted, held = dict.fromkeys(mine), set(theirs)
    weight = {token: rarity.weight(token) for token in wanted}
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
