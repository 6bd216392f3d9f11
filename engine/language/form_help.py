"""Help, example and unit beside each control, from the field (docs/field/steps.md), in Japanese and English."""

from collections.abc import Mapping

from engine.language.refusals import Language

Both = tuple[str, str]
NOTHING: Both = ("", "")

HELP: Mapping[str, tuple[Both, Both]] = {
    "imagine.ideal_statement": (
        ("どうなれば心地いいか。道具の名前は書かず、市民の目線で書きます。", "What would feel right? From the citizen's side, without naming a tool."),
        ("台帳に書き写さずに、窓口でそのまま証明書を渡せる", "The certificate is handed over at once, with nothing to copy by hand"),
    ),
    "imagine.challenged_assumptions": (
        ("「今までこうだったから」「今のルールではこうだから」と思っていたことを一つ。", "One thing that was taken as given: a habit or a rule."),
        NOTHING,
    ),
    "imagine.challenged_assumptions.text": (NOTHING, ("発行のたびに紙の台帳へ書く", "Every certificate is written into a paper ledger")),
    "imagine.beneficiaries": (("一行に一つ", "One on each line"), ("転入する市民", "People who move in")),
    "imagine.as_is": (("今の量と時間。推測ではなく、数えたり測ったりした値を。", "Today's volume and time, counted or measured, not guessed."), NOTHING),
    "imagine.metrics": (("効果を実感できる数字を一つ以上。", "At least one number in which the effect can be felt."), NOTHING),
    "imagine.metrics.name": (NOTHING, ("1件あたりの時間", "Time per case")),
    "imagine.metrics.unit": (NOTHING, ("分/件", "min/case")),
    "imagine.metrics.baseline": (("今の値", "Today's value"), NOTHING),
    "imagine.metrics.method": (NOTHING, ("1週間、全件を計測", "All cases of one week, timed")),
    "imagine.user_evidence": (("利用者に聞いた、数えたこと。", "What users said, or what was counted."), NOTHING),
    "imagine.related_rules": (("今の仕事のもとになっている条例・規則・要綱・手引き。", "Ordinances, rules, guidelines and manuals that the work rests on today."), ("印鑑条例、証明書交付事務取扱要綱", "Seal registration ordinance; guidelines for issuing certificates")),
    "imagine.left_behind": (("デジタルが苦手な人をどう支えるか。", "How people who find digital things hard are helped."), NOTHING),
    "imagine.left_behind.groups": (("一行に一つ", "One on each line"), ("高齢の方", "Elderly people")),
    "imagine.left_behind.offline_route": (NOTHING, ("窓口での申請も受ける", "The counter stays open for it")),
    "imagine.left_behind.support": (NOTHING, ("職員が代わりに入力する", "Staff fill it in together with them")),
    "imagine.escalation_flags": (("当てはまるものがあれば、決裁者が一段上がります。", "If one applies, the decider is one level higher."), NOTHING),
    "imagine.concurrence": (("意見を聞きたい所属。", "Whom you want to be asked."), NOTHING),
    "transform.changes": (("デジタル化の前に、まず業務そのものを変えます。", "Change the work itself before digitising it."), NOTHING),
    "transform.changes.what": (NOTHING, ("台帳への転記をやめる", "No more copying into the ledger")),
    "transform.trials": (("小さく試して、分かったこと。", "What a small trial taught."), NOTHING),
    "transform.checks": (("「不適」があると提出できません。", "It cannot be submitted with a check that has not passed."), NOTHING),
    "transform.rollback": (NOTHING, ("元の様式に戻す", "Go back to the old form")),
    "transform.tools": (("一行に一つ", "One on each line"), NOTHING),
    "realise.results": (("想像の段階で決めた指標ごとに、同じ測定方法で。悪くなった値もそのまま書きます。", "One for each metric of Imagine, measured in the same way; worse is an answer too."), NOTHING),
    "realise.actual": (("削減時間はここから自動で計算します。", "The hours saved are computed from these."), NOTHING),
    "realise.voices": (("数字だけでなく、声も。", "Not only numbers: voices too."), NOTHING),
    "realise.verdict": (("承認は「この結果は本当だ」という意味です。未達でも悪化でも共有へ進めます。", "Approval means: this result is true. Not achieved or worse goes on to Share too."), NOTHING),
    "share.case": (("知らない人が読んで、同じことができるように。", "So that a stranger could repeat it."), NOTHING),
    "share.case.summary": (NOTHING, ("台帳への転記をやめ、1件6分を2分半にした", "Without copying into the ledger, 6 minutes became 2.5")),
    "share.core_elements": (("変えてはいけない部分。一行に一つ", "What must stay as it is; one on each line"), NOTHING),
    "share.adaptable_elements": (("変えてよい部分。一行に一つ", "What may be changed; one on each line"), NOTHING),
    "share.lessons_failed": (("うまくいかなかったことは、次の人の近道になります。", "What went wrong is somebody else's short cut."), NOTHING),
    "share.spread_targets": (("所属コードを一行に一つ", "Codes of offices, one on each line"), NOTHING),
    "share.assets": (("一行に一つ", "One on each line"), NOTHING),
    "share.next": (("次の周回。規模か範囲を大きくする、もう一度試す、定着させる、終える。", "The next turn: larger, tried again, sustained, or closed."), NOTHING),
    "share.next.org_unit": (("空欄なら自動で決まります。", "Found by itself when left empty."), NOTHING),
    "share.next.owner": (("選ばなければ、新しい範囲の長か、あなた。", "When nobody is chosen: the head of the new scope, or you."), NOTHING),
    "share.next.review_on": (("定着のとき：見直す日", "For sustain: the day to look again"), NOTHING),
}  # fmt: skip
UNITS: Mapping[str, Both] = {
    "cases_per_year": ("件/年", "cases/year"),
    "minutes_per_case": ("分/件", "min/case"),
    "running_cost_yen": ("円/年", "yen/year"),
    "cost_initial_yen": ("円", "yen"),
    "cost_running_yen": ("円/年", "yen/year"),
    "effort_hours": ("人時", "person-hours"),
    "observation_days": ("日", "days"),
    "complaints": ("件", "cases"),
    "offline_users": ("人", "people"),
    "participants": ("人", "people"),
    "attendees": ("人", "people"),
    "cases": ("件", "cases"),
}


def help_of(path: str, language: Language) -> tuple[str, str, str]:
    """Help, example and unit of a control by its path without numbers; empty texts where there is nothing to say."""
    meant, example = HELP.get(path, (NOTHING, NOTHING))
    unit = UNITS.get(path.rsplit(".", 1)[-1], NOTHING)
    half = 0 if language == "ja" else 1
    return meant[half], example[half], unit[half]
