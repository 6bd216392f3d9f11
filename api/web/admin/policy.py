"""The approval policy: each setting in plain words and what it is for; who put which policy in force when."""

from starlette.responses import Response

from api.schemas.policy import PolicyLine
from api.services.organisation import policies as service
from api.web.admin.access import Admin
from api.web.format.gettext import N_, name_of
from api.web.frame.page import Context, MemberVisit, pages_router
from api.web.frame.people import post_name, someone
from engine.domain.review.policy import DEFAULT, Policy
from engine.domain.review.review import DueRule, Mode
from engine.domain.scope import Growth

router = pages_router()
MEANINGS = {
    "due": N_("By when a post should have decided."),
    "reminders": N_("When the post is reminded by itself. Nothing is ever approved by itself."),
    "escalate_after": N_("How long after that the superior may decide too."),
    "escalate_last": N_("Who chases what even the superior leaves lying."),
    "light_up_to": N_("Up to this scope a step asks only for the most needed."),
    "observation_days": N_("How long a result is watched before it may be handed in."),
    "growth": N_("What makes a following cycle larger than the one before."),
    "hourly_rate_yen": N_("What an hour counts in yen; without it no yen are shown."),
    "flags_raise": N_("Whether a matter that is flagged goes one level higher."),
    "concurrence_from": N_("From this scope on other offices are asked by rule."),
    "drafter_concurrence": N_("Whether those whom the drafter asks besides must consent."),
    "condition_months": N_("By when a condition has to be met at the latest."),
    "post_review": N_("Whether those who were stood in for read it afterwards."),
    "pull_up": N_("Whether a superior may decide before it is overdue."),
    "skip_absent": N_("Whether a post is passed over while everybody there is away."),
    "drafts_open": N_("Whether everyone reads what was never handed in."),
    "deputies": N_("Whether the deputy stands in where no proxy is named."),
    "proxy_from": N_("Who may be named to stand in for somebody absent."),
    "absence_days": N_("How many days one absence may last."),
    "agreed_by": N_("Who may agree to a change of who decides, beside the administrators."),
    "holidays_country": N_("Whose public holidays are no business days."),
}
"""What each setting is for, in the order in which they are shown."""
NAMES = {
    "due": N_("Due"),
    "reminders": N_("Reminders"),
    "escalate_after": N_("Escalation"),
    "escalate_last": N_("Last resort"),
    "light_up_to": N_("Short form up to"),
    "observation_days": N_("Days to observe"),
    "growth": N_("A next cycle must be larger in"),
    "hourly_rate_yen": N_("An hour in yen"),
    "flags_raise": N_("An escalation flag raises the decider"),
    "concurrence_from": N_("Concurrence from"),
    "drafter_concurrence": N_("Asked by the drafter"),
    "condition_months": N_("Conditions within"),
    "post_review": N_("Post-review"),
    "pull_up": N_("Pull-up"),
    "skip_absent": N_("Pass over who is away"),
    "drafts_open": N_("Open drafts"),
    "deputies": N_("Deputies"),
    "proxy_from": N_("Proxies from"),
    "absence_days": N_("Longest absence, days"),
    "agreed_by": N_("Changes agreed by"),
    "holidays_country": N_("Holidays of"),
}


class Setting(Context):
    """One line: `changed` when it differs from the built-in policy; `key` is its name in the file."""

    key: str
    name: str
    value: str
    meaning: str
    changed: bool


class PastPolicy(Context):
    """A policy that is or was in force, and who put it in force."""

    line: PolicyLine
    by: str


class PolicyContext(Context):
    """The policy in force, and those before it."""

    policy: Policy
    settings: tuple[Setting, ...]
    lines: tuple[PastPolicy, ...]


@router.get("/admin/policy")
def policy(visit: Admin) -> Response:
    """The approval policy in plain words."""
    facts = visit.caller.facts
    lines = service.lines(visit.desk)
    context = PolicyContext(
        policy=facts.policy,
        settings=tuple(
            Setting(
                key=key,
                name=visit.say(NAMES[key]),
                value=_value(key, facts.policy, visit),
                meaning=visit.say(meaning),
                changed=getattr(facts.policy, key) != getattr(DEFAULT, key),
            )
            for key, meaning in MEANINGS.items()
        ),
        lines=tuple(
            PastPolicy(line=one, by=someone(one.imported_by, facts, visit.language).name if one.imported_by else "")
            for one in lines
        ),
    )
    return visit.page("admin_policy.html", context)


def _value(key: str, found: Policy, visit: MemberVisit) -> str:
    value = getattr(found, key)
    match key:
        case "reminders":
            return visit.say(
                "%(before)s business days before, then every %(every)s",
                before=found.reminders.before, every=found.reminders.every,
            )  # fmt: skip
        case "growth":
            both = found.growth is Growth.BOTH
            return visit.say("both scope and scale") if both else visit.say("scope or scale")
        case "drafter_concurrence":
            return visit.say("consent needed") if found.drafter_concurrence is Mode.CONSENT else visit.say("opinion")
        case "observation_days":
            return visit.say("%(days)s days", days=found.observation_days)
        case "condition_months":
            return visit.say("%(months)s months", months=found.condition_months)
        case "hourly_rate_yen":
            rate = found.hourly_rate_yen
            return visit.say("not set") if rate is None else visit.say("%(yen)s yen", yen=f"{rate:,.0f}")
        case "escalate_last":
            duty = found.escalate_last.duty if found.escalate_last else None
            return name_of(duty, visit.language) if duty else str(found.escalate_last or visit.say("nobody"))
        case "agreed_by":
            return (
                post_name(found.agreed_by, visit.caller.facts, visit.language)
                if found.agreed_by
                else visit.say("nobody")
            )
    if isinstance(value, DueRule):
        return (
            str(value.duration) if value.duration else visit.say("%(days)s business days", days=value.business_days)
        )
    if isinstance(value, bool):
        return visit.say("yes") if value else visit.say("no")
    return visit.say("nobody") if value is None else name_of(value, visit.language)
