"""Whatever the route: only whom it grants decides, and the order of decisions does not matter for the outcome."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain.cycle import commands as c
from engine.domain.errors import DomainError
from engine.domain.organisation.organisation import Duty, Organisation, Person, Post, PostRole
from engine.domain.review.policy import Policy, Rule, StageRule
from engine.domain.review.review import Action, Mode, StageKind
from engine.domain.steps import Step
from tests.domain.plays import Play
from tests.support import city
from tests.support.examples import examples

DUTIES = (Duty.FINANCE, Duty.LEGAL, Duty.PRIVACY, Duty.HR)
POSTS = [*(f"duty@{duty.value}" for duty in DUTIES), "head@U", "head@S", "head@D"]
PEOPLE = [*(duty.value for duty in DUTIES), city.UNIT_CHIEF, city.SECTION_HEAD, city.DIRECTOR, city.OWNER, city.OTHER]


def office() -> Organisation:
    base = city.organisation()
    people = tuple(Person(person_id=duty.value, name=duty.value, email="") for duty in DUTIES)
    posts = tuple(
        Post(person_id=duty.value, unit_code="S2", title="担当", role=PostRole.STAFF, duties=(duty,))
        for duty in DUTIES
    )
    return Organisation(units=base.units, people=(*base.people, *people), posts=(*base.posts, *posts))


@st.composite
def routes(draw: st.DrawFn) -> tuple[StageRule, ...]:
    stages = []
    for number in range(draw(st.integers(0, 3))):
        posts = tuple(draw(st.lists(st.sampled_from(POSTS), min_size=1, max_size=3, unique=True)))
        quorum = draw(st.one_of(st.sampled_from(["all", "any"]), st.integers(1, 3)))
        beside = number > 0 and draw(st.booleans())
        kind = draw(st.sampled_from([StageKind.LINE, StageKind.CONCURRENCE]))
        mode = draw(st.sampled_from(Mode)) if kind is StageKind.CONCURRENCE else Mode.CONSENT
        stages.append(StageRule(kind=kind, posts=posts, quorum=quorum, beside_previous=beside, mode=mode))
    return (*stages, StageRule(kind=StageKind.FINAL, posts=("head@D",)))


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(routes(), st.lists(st.sampled_from(PEOPLE), max_size=40), st.randoms(use_true_random=False))
def test_only_whom_the_route_grants_decides_and_every_order_comes_to_the_same_end(
    stages: tuple[StageRule, ...], attempts: list[str], random: object
) -> None:
    policy = Policy(id="any", rules=(Rule(stages=stages),), concurrence=(), flags_raise=False)
    play = Play(organisation=office(), policy=policy)
    play.hand_in(city.imagine())
    for person in attempts:
        if play.state.step is not Step.IMAGINE:
            break
        granted = person in play.deciders()
        before = play.state
        try:
            play.decide(by=person)
        except DomainError:
            assert not granted
            assert play.state == before
        else:
            assert granted
            assert person != city.OWNER
    while play.state.step is Step.IMAGINE:
        waiting = play.deciders()
        assert waiting, "a review that nobody can decide"
        play.decide(by=random.choice(waiting))  # type: ignore[attr-defined]
    assert play.state.review is None
    votes = play.state.decisions
    route = policy.rules[0].stages
    assert votes[-1].by == city.DIRECTOR
    assert len(votes) <= sum(len(stage.posts) for stage in route)
    opened = [event.data.stage.key for event in play.events if event.data.type == "stage_opened"]
    assert len(opened) == len(set(opened)) == len(route)
    closed = [
        event.data.vote.stage for event in play.events if event.data.type == "stage_voted" and event.data.closes
    ]
    assert sorted(closed) == sorted(opened)


MOVES = st.tuples(
    st.sampled_from(PEOPLE),
    st.sampled_from([Action.APPROVE, Action.APPROVE, Action.OPPOSE, Action.RETURN]),
    st.booleans(),
    st.sampled_from(["head@U", "head@S", "duty@hr", "1-line", "1-concurrence"]),
)


@settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
@given(routes(), st.lists(MOVES, max_size=30))
def test_with_returns_opinions_and_pull_ups_stages_stay_in_order_and_nobody_decides_own_work(
    stages: tuple[StageRule, ...], moves: list[tuple[str, Action, bool, str]]
) -> None:
    policy = Policy(id="any", rules=(Rule(stages=stages),), concurrence=(), flags_raise=False)
    play = Play(organisation=office(), policy=policy)
    play.hand_in(city.imagine())
    for person, action, pull_up, back in moves:
        if play.state.step is not Step.IMAGINE:
            break
        body = c.Decide(action=action, round=1, reason="わけ", pull_up=pull_up, return_to=back)
        try:
            play.give(person, body)
        except DomainError:
            continue
        review = play.state.review
        if review is None:
            break
        orders = {review.route.stage(one.key).order for one in review.open}
        assert len(orders) == 1, "only stages that stand side by side are open together"
        assert all(review.route.stage(vote.stage).order <= min(orders) for vote in review.votes)
        spoken = [(vote.stage, vote.post) for vote in review.votes]
        assert len(spoken) == len(set(spoken))
        assert all(not review.route.stage(one.key).is_settled(review.votes) for one in review.open)
    assert city.OWNER not in {decision.by for decision in play.state.decisions}
    assert city.OTHER not in {decision.by for decision in play.state.decisions}
    if play.state.step is not Step.IMAGINE:
        assert play.state.decisions[-1].kind is StageKind.FINAL
