"""The practice's words and what they mean, as data; pages explain each where it stands."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from api.web.format.gettext import N_


class Term(BaseModel):
    """A word, its meaning in plain language, and the heading it stands under on the page."""

    model_config = ConfigDict(frozen=True)

    word: str
    meaning: str
    group: str


_ROUTE, _MOVES, _SPIRAL, _MEASURES = N_("The route"), N_("The moves"), N_("The spiral"), N_("Measuring")

TERMS: Mapping[str, Term] = {
    key: Term(word=word, meaning=meaning, group=group)
    for group, key, word, meaning in (
        (_ROUTE, "draft", N_("Draft (kian)"), N_("Writing down what is proposed, so that others can decide from the sheet alone.")),
        (_ROUTE, "route", N_("Route of decision"), N_("Who is asked in which order. It names posts, not persons: after a transfer it goes to the new holder by itself.")),
        (_ROUTE, "line", N_("Line approval"), N_("Somebody between the drafter and the decider has no objection; it goes on to the next.")),
        (_ROUTE, "concurrence", N_("Concurrence (gogi)"), N_("Another section that is concerned is asked for its view before the decision. Whether its consent is needed differs from city to city; here the policy says which.")),
        (_ROUTE, "final", N_("Final decision (kessai)"), N_("The one decision that counts. Every matter has exactly one final decider.")),
        (_ROUTE, "delegated", N_("Delegated decision (senketsu)"), N_("A post below the mayor decides in the mayor's place, always and within set limits.")),
        (_ROUTE, "circulation", N_("Circulation (kyoran)"), N_("For reading only: who reads decides nothing.")),
        (_ROUTE, "usual", N_("Usual time"), N_("The middle of how long this post took until now; of everybody, while the post has decided less than three times.")),
        (_MOVES, "return", N_("Return (sashimodoshi)"), N_("Back to the owner or to an earlier post, with a reason. It can be changed and submitted again.")),
        (_MOVES, "conditions", N_("Approval with a condition"), N_("It goes on at once; the owner shows by the due day that the condition is met, within three months.")),
        (_MOVES, "hold", N_("Hold (horyu)"), N_("Nothing moves until a day; the due days wait too. On that day it comes back by itself.")),
        (_MOVES, "reject", N_("Reject (kyakka)"), N_("This turn ends. What was approved before stays, and the owner may copy it as a new draft.")),
        (_MOVES, "oppose", N_("Opinion against"), N_("It is shown to the decider and does not stop the route.")),
        (_MOVES, "proxy", N_("Decision by proxy (daiketsu)"), N_("A deputy decides while the decider is away, in the decider's name; it is marked, and the decider reads it afterwards.")),
        (_MOVES, "pull_up", N_("Pull-up (hikiage)"), N_("A superior decides in the place of somebody below who is away or slow; that person reads it afterwards.")),
        (_MOVES, "post_review", N_("Post-review (koetsu)"), N_("What was decided without somebody is shown to them afterwards; they may comment on it but not undo it.")),
        (_MOVES, "escalation", N_("Escalation"), N_("When it is overdue, the post above may decide too. Nothing is ever approved by the clock.")),
        (_MOVES, "pull_back", N_("Pull back (hikimodoshi)"), N_("The owner takes it back, as long as nobody has acted.")),
        (_MOVES, "retract", N_("Take a decision back (kessai no torikeshi)"), N_("Who decided last takes it back, with a reason, as long as nobody has acted on it; the step is in review again.")),
        (_MOVES, "withdraw", N_("Withdraw (torisage)"), N_("The owner ends it; its history is kept.")),
        (_SPIRAL, "turn", N_("Turn"), N_("One time through imagine, transform, realise and share. The next turn is larger.")),
        (_SPIRAL, "expand", N_("Expand"), N_("The next turn covers more people or more work.")),
        (_SPIRAL, "sustain", N_("Sustain"), N_("It has become the way things are done; it is looked at again on a set day.")),
        (_SPIRAL, "adopt", N_("Adopt"), N_("Another office does the same in its own way, and says where it learned it.")),
        (_MEASURES, "baseline", N_("Baseline"), N_("Today's number, counted or timed, before anything is changed.")),
        (_MEASURES, "target", N_("Target"), N_("The number to be reached, and by when.")),
        (_MEASURES, "actual", N_("Actual"), N_("The number afterwards, measured in the same way as the baseline.")),
        (_MEASURES, "key_field", N_("Key field"), N_("Scope, target, cost, rules or personal data: when one of these changes after a return, everybody is asked again.")),
    )
}  # fmt: skip
"""By key; the order is the page's."""
