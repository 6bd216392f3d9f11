"""Why a post stands in a route, in Japanese and English, keyed by the reason's code."""

from collections.abc import Mapping

from engine.language.enums import WORDS
from engine.language.refusals import Language

REASONS: dict[str, tuple[str, str]] = {
    "own_head": ("起案した所属の長", "head of the drafting unit"),
    "line_superior": ("起案した所属の上司", "superior of the drafting unit"),
    "one_above": ("範囲({scope})の一つ上が決裁", "decides one level above the scope ({scope})"),
    "flags_raise": ("重要な案件の印({flags})により決裁者が一つ上", "raised one level by the flags ({flags})"),
    "named_by_policy": ("決裁規程({policy})の定め", "named by the policy ({policy})"),
    "receiving_head": ("次の周回を受け持つ所属の長", "head of the unit that the next cycle binds"),
    "drafter_wishes": ("起案者の希望", "wished by the drafter"),
    "cross_agency": ("全庁横断型のため", "because it is cross-agency"),
    "cost_above_limit": ("費用 {cost} 円が上限 {limit} 円を超える", "cost {cost} yen is above {limit} yen"),
    "new_system": ("新しいシステム・道具", "a new system or tool"),
    "rule_change": ("規則の改正", "a change of rules"),
    "staffing": ("人員の変更", "a change of staffing"),
    "personal_data": ("個人情報を扱う", "personal data is handled"),
    "vacant_goes_up": ("欠員のため {held} が決裁", "vacant, so {held} decides"),
    "own_work_goes_up": ("担当者本人の職のため {held} が決裁", "the owner's own post, so {held} decides"),
}


def reason_text(code: str, params: Mapping[str, str], language: Language) -> str:
    """The text of a reason; a code without one is shown as it is."""
    pair = REASONS.get(code)
    return code if pair is None else pair[0 if language == "ja" else 1].format(**_named(params, language))


def _named(params: Mapping[str, str], language: Language) -> dict[str, str]:
    """Scope and flags by their names in Japanese; English keeps the values, which are English words."""
    if language != "ja":
        return dict(params)
    kinds = {"scope": "OrgScope", "flags": "EscalationFlag"}
    found = dict(params)
    for name in found.keys() & kinds:
        names = WORDS.get(kinds[name], {})
        found[name] = "・".join(names[one][0] if one in names else one for one in found[name].split(", "))
    return found
