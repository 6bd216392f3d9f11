"""決裁の取消し: why a decision cannot be taken back, and what has followed it.

Japanese first, then English, keyed by the refusal's code; after a colon stands what followed.
"""

RETRACTING: dict[str, tuple[str, str]] = {
    "nothing_to_retract": (
        "取り消せる決裁はまだありません。",
        "There is no decision yet that could be taken back.",
    ),
    "not_your_decision_to_retract": (
        "取り消せるのは、最後に決裁した{by_name}さんだけです。",
        "Only {by_name}, who decided last, can take it back.",
    ),
    "retracted_already": ("この決裁は既に取り消されています。", "This decision has been taken back already."),
    "retract_other_round": (
        "あなたの最後の決裁は第{round}回です。画面を読み直してください。",
        "Your last decision was in round {round}; read the page again.",
    ),
    "retract_too_old": (
        "この決裁は取消しの仕組みができる前のものなので取り消せません。",
        "This decision was taken before decisions could be taken back.",
    ),
    "retract_opened": (
        "「{title}」が始まっているため、この決裁は取り消せません。",
        "“{title}” has begun from it, so this decision cannot be taken back.",
    ),
    "post_review_over": (
        "後閲 {n} の決裁は取り消されました。後閲は不要です。",
        "The decision of post-review {n} was taken back; nothing is left to read.",
    ),
}

_DONE = {
    "approve": ("承認した", "has approved it"),
    "approve_with_conditions": ("条件を付けて承認した", "has approved it with conditions"),
    "oppose": ("反対意見を述べた", "has opposed it"),
    "return": ("差し戻した", "has returned it"),
    "hold": ("保留した", "has put it on hold"),
    "reject": ("却下した", "has rejected it"),
    "draft_saved": ("続きを書いている", "has gone on writing"),
    "step_submitted": ("次の提出をした", "has handed it in again"),
    "pulled_back": ("引き戻した", "has pulled it back"),
    "cycle_withdrawn": ("取り下げた", "has withdrawn it"),
    "condition_closed": ("条件を完了した", "has closed a condition"),
    "hold_ended": ("保留を解いた", "has ended the hold"),
    "attachment_added": ("ファイルを添付した", "has attached a file"),
    "attachment_removed": ("添付ファイルを外した", "has removed a file"),
    "offer_made": ("ほかの所属に提案した", "has offered it to another office"),
    "offer_answered": ("提案に回答した", "has answered an offer of it"),
}
"""What a person did next."""

RETRACTING |= {
    "retract_followed": (
        "{by_name}さんが次の手続をしたため、この決裁は取り消せません。",
        "{by_name} has acted on it since, so this decision cannot be taken back.",
    ),
    "retract_followed:parent_joined": (
        "ほかの取組が合流したため、この決裁は取り消せません。",
        "Another initiative has joined it since, so this decision cannot be taken back.",
    ),
    **{
        f"retract_followed:{what}": (
            f"その後{{by_name}}さんが{ja}ため、この決裁は取り消せません。",
            f"{{by_name}} {en} since, so this decision cannot be taken back.",
        )
        for what, (ja, en) in _DONE.items()
    },
}
