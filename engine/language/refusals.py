"""What a refusal says to people, in Japanese and English, keyed by its code. Must not know HTTP or rules.

A text names what is wrong and what to do; `{name}` is filled from the refusal's parameters, values of ours by their
names. What stands in `[[ ]]` is left out when one of its parameters is missing.
"""

import re
from collections.abc import Mapping
from typing import Literal

from engine.language.attachments import ATTACHMENTS
from engine.language.enums import WORDS
from engine.language.field_faults import FIELD_FAULTS, said_more_exactly
from engine.language.reading import READING
from engine.language.retracting import RETRACTING
from engine.language.service_refusals import SERVICE

Language = Literal["ja", "en"]

SENTENCES: dict[str, tuple[str, str]] = {
    **FIELD_FAULTS,
    **SERVICE,
    **RETRACTING,
    **READING,
    **ATTACHMENTS,
    # --- files ---
    "bad_file": ("{ja}", "{en}"),
    "wrong_format": ("{what} は {format} にできません。", "{what} cannot be written as {format}."),
    "events_only": ("仮名にできるのは events だけです。", "Only events can be under pseudonyms."),
    "not_for_others": (
        "{person} の取組を始められるのは管理者だけです。",
        "Only an administrator can start initiatives for {person}.",
    ),
    "too_many_rows": (
        "一度に始められるのは {most} 件までです。spiral import initiatives を使ってください。",
        "At most {most} at once; use `spiral import initiatives` for more.",
    ),
    "stands_twice": ("重複しています。", "This stands twice."),
    # --- whole commands ---
    "invalid_fields": (
        "入力に誤りがあります。次の項目を直してください。",
        "Some fields are wrong; correct those that are named.",
    ),
    "revision_differs": (
        "ほかの人が先に更新しました(現在の版: {revision})。読み直してください。",
        "Somebody was faster (revision is now {revision}); read it again.",
    ),
    "cycle_closed": ("この周回は終了しています[[（{status}）]]。", "This cycle has ended[[ ({status})]]."),
    "owner_only": (
        "担当者[[（{owner_name}さん）]]だけができます。",
        "Only the owner[[ ({owner_name})]] can do this.",
    ),
    "on_hold": ("保留中です({until} まで)。", "On hold until {until}."),
    "in_review": (
        "審査中のため変更できません。引戻しできます。",
        "In review: it cannot be changed; it can be pulled back.",
    ),
    "not_in_review": ("審査中ではありません。", "It is not in review."),
    "already_acted": (
        "[[{by_name}さんが]]すでに手続をした[[（{action}）]]ため、引戻しできません。",
        "It has been acted on already[[ by {by_name}]][[ ({action})]], so it cannot be pulled back.",
    ),
    "another_step": ("別の段階に進んでいます[[（現在は「{step}」）]]。", "It is at another step[[ (“{step}” now)]]."),
    "no_decider": (
        "決裁できる人がいません。組織の登録を確認してください。",
        "Nobody could decide; check the organisation.",
    ),
    "conditions_open": ("未完了の条件があります: {numbers}", "Conditions are still open: {numbers}."),
    "next_cannot_start": (
        "次の周回を始められません。差し戻して直してもらってください: {places}",
        "The next cycle cannot start; return it to be mended: {places}.",
    ),
    "plan_missing": ("次の周回の計画がありません。", "The plan of the next cycles is missing."),
    "not_on_hold": ("保留中ではありません。", "It is not on hold."),
    "round_over": (
        "この決裁の回は終了しています[[（現在は第{round}回、段階は「{step}」）]]。[[直前の手続は、{by_name}さんの「{action}」です。]]",
        "That round is over[[ (it is round {round} of “{step}” now)]].[[ Last, {by_name} chose “{action}”.]]",
    ),
    "not_your_decision": ("あなたの決裁ではありません。", "This decision is not yours."),
    "own_work": ("自分の取組は自分で決裁できません。", "Nobody decides on their own work."),
    "final_decider_only": (
        "最終決裁者だけができます[[（{action}）]]。",
        "Only the final decider can do this[[ ({action})]].",
    ),
    "oppose_in_opinion_only": (
        "反対意見は、意見を求められた合議でだけ述べられます。",
        "Opposing is for a concurrence that is asked for as an opinion.",
    ),
    "opinion_cannot_return": (
        "意見の合議では差戻しできません。反対意見(oppose)を述べてください。",
        "An opinion cannot return it; oppose it with your reason instead.",
    ),
    "too_many_questions": ("質問は {limit} 件までです。", "At most {limit} questions."),
    "unknown_question": ("質問 {n} はありません。", "There is no question {n}."),
    "question_answered_already": ("質問 {n} は回答済みです。", "Question {n} is answered already."),
    "not_circulated_to_you": ("あなたへの供覧はありません。", "Nothing is circulated to you here."),
    "read_already": ("すでに[[{by_name}さんが]]閲覧しました。", "It has been read already[[ by {by_name}]]."),
    "unknown_post_review": ("後閲 {n} はありません。", "There is no post-review {n}."),
    "not_your_post_review": (
        "この後閲は担当の方[[（{person_name}さん）]]だけができます。",
        "Only who owes it[[ ({person_name})]] can do this post-review.",
    ),
    "post_reviewed_already": ("後閲 {n} は済んでいます。", "Post-review {n} is done already."),
    "not_your_condition": (
        "条件の担当者[[（{owner_name}さん）]]だけができます。",
        "Only the condition's owner[[ ({owner_name})]] can close it.",
    ),
    "condition_closed_already": ("条件 {n} は完了済みです。", "Condition {n} is closed already."),
    "unknown_condition": ("条件 {n} はありません。", "There is no condition {n}."),
    "not_your_unit": ("{unit} に職がないため始められません。", "You hold no post in {unit} today."),
    "unknown_cycle": ("周回 {cycle} はありません。", "There is no cycle {cycle}."),
    "unknown_edition": ("ロードマップの版 {edition} はありません。", "There is no edition {edition} of the roadmap."),
    "unknown_initiative": ("取組 {initiative} はありません。", "There is no initiative {initiative}."),
    "unknown_version": ("版 {n} はありません(最新は {last})。", "There is no version {n}; the latest is {last}."),
    "versions_of_different_steps": (
        "段階の違う版({a} と {b})は比べられません。",
        "Versions of different steps ({a}, {b}) cannot be compared.",
    ),
    "too_many_files": ("添付は {limit} 件までです。", "At most {limit} files."),
    "stands_twice_in_list": (
        "同じ周回が一覧に2回あります。最初のものだけを処理しました。",
        "This cycle stands in the list twice; only the first was taken.",
    ),
    "unknown_policy": ("決裁規程 {n} はありません。", "There is no policy {n}."),
    "not_over": ("終了した周回だけを引用できます。", "Only a cycle that has ended can be copied."),
    "not_signed_in": ("トークンが必要です。", "A bearer token is needed."),
    "token_expired": ("トークンの期限が切れました。", "The token has expired."),
    "token_invalid": ("トークンが正しくありません。", "The token is not valid."),
    "unknown_caller": ("登録のない職員です: {person}", "This person is not in the organisation: {person}."),
    "form_expired": (
        "ページを開いてから時間が経ったため送信できませんでした。読み直して、もう一度送信してください。",
        "The page had been open too long. Reload it and send the form again.",
    ),
    "session_ended": ("サインインし直してください。", "Sign in again."),
    "no_sample_sign_in": (
        "見本の職員ではサインインできません。",
        "Signing in as a sample person is not possible here.",
    ),
    "no_provider": ("サインインの提供者が設定されていません。", "No sign-in provider is configured."),
    "sign_in_failed": (
        "サインインできませんでした。もう一度お試しください。",
        "The sign-in did not work. Try again.",
    ),
    "sign_in_unknown": (
        "この利用者は職員として登録されていません。管理者に連絡してください。",
        "This account belongs to nobody in the organisation. Ask an administrator.",
    ),
    "admin_only": ("管理者だけができます。", "Only an administrator can do this."),
    "not_staff": ("本日、職に就いていません。", "You hold no post today."),
    "not_found": ("見つかりません。", "Not found."),
    "method_not_allowed": ("この方法では呼べません。", "This method is not allowed here."),
    "too_large": ("本文が長すぎます[[(上限 {limit})]]。", "The body is too long[[ (at most {limit})]]."),
    "absence_overlaps": ("不在の期間が重なっています。", "The absence overlaps another one."),
    "unknown_notice": ("あなた宛ての通知 {n} はありません。", "There is no notice {n} to you."),
    "case_not_shared": ("{cycle} はまだ共有されていません。", "{cycle} is not shared yet."),
    "unknown_case": ("事例 {case} はありません。", "There is no case {case}."),
    "unknown_offer": ("提案 {offer} はありません。", "There is no offer {offer}."),
    "not_the_sharer": (
        "共有した担当者・助言者・所属長・DX推進チームだけが横展開できます。",
        "Only its owner, adviser, head of unit or the DX team can offer it.",
    ),
    "not_the_receiver": ("{unit} の長だけが回答できます。", "Only the head of {unit} can answer."),
    "already_offered": ("{unit} には提案済みで、回答待ちです。", "{unit} has it already and has not answered yet."),
    "already_adopted": ("{unit} は既に取り入れています({cycle})。", "{unit} has taken it over already ({cycle})."),
    "offer_over": ("この提案は終わっています[[（{by_name}さん）]]。", "This offer is over[[ ({by_name})]]."),
    "ledger_moved": (
        "ほかの人が先に記録しました。読み直してください。",
        "Somebody was faster; read it again.",
    ),
    "unknown_webhook": ("Webhook {webhook} はありません。", "There is no webhook {webhook}."),
    "delivery_not_waiting": (
        "配信 {n} は配信待ちのイベントではないので、飛ばせません。",
        "Delivery {n} is no event that waits, so there is nothing to step over.",
    ),
    "unknown_delivery": ("配信 {n} はありません。", "There is no delivery {n}."),
    "too_many_webhooks": (
        "Webhook は {limit} 件までです。使わないものを削除してください。",
        "At most {limit} webhooks; delete one that is not needed.",
    ),
    "not_yours_to_assign": (
        "担当者[[（{owner_name}さん）]]・DX推進チーム・管理者だけができます。",
        "Only the owner[[ ({owner_name})]], the DX promotion team or an administrator can do this.",
    ),
    "startup_is_the_same": ("すでに {startup} の取組です。", "It belongs to {startup} already."),
    "unknown_milestone": (
        "{startup} にマイルストーン {milestone} はありません。",
        "{startup} has no milestone {milestone}.",
    ),
    "dx_team_only": (
        "DX推進チームまたは管理者だけができます。",
        "Only the DX promotion team or an administrator can do this.",
    ),
    # --- fields ---
    "done_is_judged": (
        "完了したものの評価は A・B・C のいずれかです。",
        "What is done is graded A, B or C.",
    ),
    "bad_url": (
        "http:// か https:// の URL を入れてください(利用者名とパスワードは不可)。",
        "Give an http:// or https:// URL, without user or password.",
    ),
    "address_not_allowed": (
        "{host} は内部のアドレス({address})です。許可するには管理者が SPIRAL_WEBHOOK_ALLOW に加えます。",
        "{host} is an inner address ({address}); the operator can allow it in SPIRAL_WEBHOOK_ALLOW.",
    ),
    "bad_cursor": ("cursor が正しくありません。", "The cursor is not valid."),
    "in_the_future": ("まだ来ていない日は答えられません。", "That day is still to come; give an earlier one."),
    "unknown_unit": ("所属 {unit} はありません。", "There is no unit {unit}."),
    "unit_on_another_level": (
        "{unit} は {level} です。範囲 {scope} に合いません。",
        "{unit} is a {level}, which does not fit the scope {scope}.",
    ),
    "unknown_startup": ("スタートアップ {startup} はありません。", "There is no startup {startup}."),
    "another_pillar": ("このスタートアップの柱は {pillar} です。", "This startup belongs to {pillar}."),
    "unknown_person": ("職員 {person} はいません。", "There is no person {person}."),
    "owner_not_in_unit": ("{person} は {unit} に職がありません。", "{person} holds no post in {unit}."),
    "unit_not_above": ("{unit} は {from} と同じか上の所属ではありません。", "{unit} is not {from} or above it."),
    "unit_in_line": (
        "{unit} は {from} と同じか上下の所属です。横展開ではなく拡大を選んでください。",
        "{unit} is {from}, or above or below it: expand instead of spreading.",
    ),
    "duplicate_code": ("コード {code} が重複しています。", "The code {code} is used twice."),
    "out_of_unit_range": ("単位 {unit} の範囲外です。", "Outside what the unit {unit} can be."),
    "unit_differs": (
        "前の周回の単位は {expected} です({unit} は使えません)。",
        "The last cycle measured in {expected}, not {unit}.",
    ),
    "no_outcome_metric": ("成果(outcome)の指標が1つ以上必要です。", "At least one metric must be an outcome."),
    "check_not_passed": ("確認が通っていません(NG)。直してから提出してください。", "This check has not passed (NG)."),
    "ends_before_it_starts": ("終わりが始まりより前です。", "It ends before it starts."),
    "action_not_finished": ("完了または理由付きの中止にしてください。", "Finish it, or drop it with a reason."),
    "unknown_metric": ("指標 {code} は想像の段階にありません。", "There is no metric {code} in Imagine."),
    "metric_without_result": ("指標 {code} の実績がありません。", "The metric {code} has no result."),
    "observed_too_short": ("観察は {days} 日以上必要です。", "Observe for at least {days} days."),
    "not_in_the_future": ("将来の日付にしてください。", "It must lie in the future."),
    "close_stands_alone": ("終了は他の次の周回と一緒に選べません。", "Close cannot stand beside other next cycles."),
    "nothing_larger": ("これより大きい範囲・規模はありません。", "There is nothing larger than this."),
    "scope_does_not_grow": (
        "次の周回は大きくなければなりません(規則: {rule})。",
        "The next cycle must be larger (rule: {rule}).",
    ),
    "skip_needs_reason": ("段を飛ばす理由が必要です。", "Skipping a rung needs a reason."),
    "keeps_its_scope": ("同じ範囲・規模のまま続けます。", "It keeps its scope."),
    "join_closed": ("合流先の周回 {cycle} は終了しています。", "The cycle to join, {cycle}, has ended."),
    "join_moved_on": (
        "合流先の周回 {cycle} は既に先へ進んでいます。想像の下書き・差戻し中だけ合流できます。",
        "The cycle to join, {cycle}, has moved on; it can be joined only while its Imagine is being written.",
    ),
    "join_twice": ("周回 {cycle} への合流が重複しています。", "The cycle {cycle} is joined twice."),
    "join_expands": ("合流は拡大(expand)だけでできます。", "Only an expansion can join another cycle."),
    "join_has_its_place": (
        "合流先の範囲・所属・規模になります。空にしてください。",
        "It takes the place of the cycle it joins; leave this empty.",
    ),
    "no_such_join": (
        "周回 {cycle} の承認済みの共有に、この合流はありません。",
        "The approved Share of {cycle} says nothing of this join.",
    ),
    "measured_in_the_future": ("測定日が将来です。", "It cannot be measured in the future."),
    "baseline_not_remeasured": (
        "範囲・規模が広がったため、この周回の開始日({date})以降に測り直してください。",
        "The scope has grown: measure it anew, on {date} or later.",
    ),
    "keeps_its_baseline": (
        "同じ範囲の周回は前と同じ基準値({baseline})と比べます。",
        "The same scope is compared with the same baseline as before ({baseline}).",
    ),
    "only_with_conditions": (
        "条件は「条件付承認」のときだけ付けられます。条件を消すか、条件付承認を選んでください。",
        "Conditions go with an approval with conditions only: take them away, or choose that.",
    ),
    "only_with_hold": (
        "保留の期限は「保留」のときだけ指定できます。日付を消すか、保留を選んでください。",
        "A day to hold until goes with a hold only: take it away, or choose to hold.",
    ),
    "only_with_return": (
        "差戻し先は「差戻し」のときだけ指定できます。差戻し先を消すか、差戻しを選んでください。",
        "A place to return to goes with a return only: take it away, or choose to return.",
    ),
    "not_within_three_months": ("期限は今日から3か月以内です。", "It must be due within three months."),
    "not_an_earlier_step": ("{step} かそれより前の段階を選んでください。", "Choose {step} or an earlier step."),
    "not_an_earlier_stage": (
        "段階 {stage} より前の承認者を選んでください。",
        "Choose an approver before the stage {stage}.",
    ),
    "needs_a_time_zone": ("時差(+09:00 など)を付けてください。", "It needs a UTC offset."),
    "proxy_needs_reason": (
        "重要・異例などの案件の代決には理由が必要です。",
        "Deciding a flagged matter for somebody who is absent needs a reason.",
    ),
    "too_many": ("{limit} 件までです。", "At most {limit} items."),
}


_OPTIONAL, _PLACES = re.compile(r"\[\[(.*?)\]\]"), re.compile(r"\{(\w+)\}")
_VALUES = {"action": "Action", "step": "Step", "status": "CycleStatus", "level": "UnitLevel", "scope": "OrgScope"}
"""Parameters that hold a value of ours, and its type."""


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "—"


def sentence(code: str, language: Language, params: Mapping[str, str] | None = None) -> str:
    """The text of a code, the most exact there is for its `what` or `why`; a code without one is shown as it is."""
    given = params or {}
    pair = SENTENCES.get(f"{code}:{given.get('what')}") or SENTENCES.get(said_more_exactly(code, given.get("why")))
    if pair is None:
        return code
    said = _Blank(_worded(given, language))
    whole = _OPTIONAL.sub(
        lambda part: part[1] if all(given.get(name) for name in _PLACES.findall(part[1])) else "",
        pair[0 if language == "ja" else 1],
    )
    return whole.format_map(said)


def _worded(params: Mapping[str, str], language: Language) -> dict[str, str]:
    """Values of our own by what people call them."""
    side = 0 if language == "ja" else 1
    return {
        name: WORDS[_VALUES[name]][value][side] if value in WORDS.get(_VALUES.get(name, ""), {}) else value
        for name, value in params.items()
    }


def language_of(header: str | None) -> Language:
    """Japanese or English, by the weights of an Accept-Language header (RFC 9110 §12.5.4); Japanese by default."""
    best: tuple[float, Language] = (0.0, "ja")
    for part in (header or "").split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        weight = _weight(parameters)
        if primary in {"ja", "en"} and weight > best[0]:
            best = (weight, "ja" if primary == "ja" else "en")
    return best[1]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
