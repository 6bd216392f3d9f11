"""What every field is called on sheets, in exports and on pages, in Japanese and English.

`label` names a field by its path (`imagine.as_is.minutes_per_case`); what values are called stands in
`engine.language.enums`. Both follow the glossary (docs/guides/field-words.md) and know nothing of any layout.
"""

from collections.abc import Mapping
from typing import Literal

Language = Literal["ja", "en"]
Pair = tuple[str, str]

FIELDS: Mapping[str, Pair] = {
    # --- a cycle ---
    "id": ("番号", "Number"),
    "cycle_id": ("周回番号", "Cycle"),
    "initiative_id": ("取組番号", "Initiative"),
    "turn": ("周回", "Turn"),
    "kind": ("種別", "Kind"),
    "title": ("件名", "Title"),
    "pillar": ("柱", "Pillar"),
    "startup": ("スタートアップ", "Startup"),
    "governance": ("推進方式", "Governance"),
    "org_scope": ("範囲", "Who takes part"),
    "org_unit": ("所属", "Office"),
    "work_scope": ("規模", "What is changed"),
    "owner": ("起案者", "Owner"),
    "status": ("状態", "Status"),
    "step": ("段階", "Step"),
    "step_status": ("段階の状態", "State of the step"),
    "round": ("回", "Round"),
    "revision": ("版", "Revision"),
    "adopted_from": ("取り入れた事例", "Adopted from"),
    "parents": ("元の周回", "Grown out of"),
    "children": ("続く周回", "Followed by"),
    "created_at": ("開始日時", "Started at"),
    "updated_at": ("更新日時", "Updated at"),
    "fiscal_year": ("年度", "Fiscal year"),
    "hours_saved_per_year": ("削減時間（時間/年）", "Hours saved (h/year)"),
    # --- the dashboard's figures ---
    "summary.cycles": ("周回", "Cycles"),
    "summary.initiatives": ("取組", "Initiatives"),
    "summary.completed": ("完了した周回", "Finished cycles"),
    "summary.overdue": ("期限を過ぎた決裁", "Decisions overdue"),
    "summary.owner_time": ("担当者の手元にある日数（中央値）", "Days with the owner (median)"),
    "summary.approver_time": ("決裁を待つ日数（中央値）", "Days with the approvers (median)"),
    "summary.expansion_rate": ("一回り大きくなった割合", "Grew larger"),
    "summary.ended_early_rate": ("取下げ・却下で終わった割合", "Ended early: withdrawn or rejected"),
    "summary.effects.hours_saved_per_year": ("削減時間", "Hours saved"),
    "summary.effects.yen_per_year": ("効果額", "Effect in money"),
    "summary.effects.unmeasured": ("未測定", "Not measured yet"),
    "summary.effects.worse": ("前より悪くなった結果", "Worse than before"),
    "summary.first_pass_rate": ("一回で承認された割合", "Passed at the first go"),
    "summary.return_rate": ("差し戻された割合", "Returned"),
    "summary.offline_route_rate": ("デジタルを使わない方法を残した割合", "Keep a way without ICT"),
    "summary.measured_baseline_rate": ("基準値を測った割合", "With a measured baseline"),
    "yen_per_year": ("効果額（円/年）", "Effect (yen/year)"),
    "cycles": ("周回数", "Cycles"),
    # --- the four steps ---
    "imagine": ("想像する", "Imagine"),
    "transform": ("取り組む", "Transform"),
    "realise": ("実感する", "Realise"),
    "share": ("共有する", "Share"),
    # --- imagine ---
    "ideal_statement": ("理想的な姿", "Ideal state"),
    "challenged_assumptions": ("問い直す前提", "Challenged assumptions"),
    "challenged_assumptions.text": ("前提", "Assumption"),
    "challenged_assumptions.kind": ("前提の種類", "Kind of assumption"),
    "legal_basis": ("根拠法令", "Legal basis"),
    "beneficiaries": ("よくなる人", "Who benefits"),
    "as_is": ("現状", "As is"),
    "cases_per_year": ("年間件数（件/年）", "Cases per year"),
    "minutes_per_case": ("1件あたりの時間（分/件）", "Minutes per case"),
    "running_cost_yen": ("運用費（円/年）", "Running cost (yen/year)"),
    "metrics": ("指標", "Metrics"),
    "code": ("コード", "Code"),
    "name": ("名称", "Name"),
    "unit": ("単位", "Unit"),
    "direction": ("望ましい方向", "Better when"),
    "metrics.kind": ("指標の種類", "Kind of metric"),
    "baseline": ("基準値", "Baseline"),
    "measured_on": ("測定日", "Measured on"),
    "method": ("測定方法", "Method"),
    "target": ("目標値", "Target"),
    "actual": ("実績値", "Actual"),
    "due": ("期限", "Due"),
    "user_evidence": ("利用者の声の根拠", "User evidence"),
    "user_evidence.kind": ("調べ方", "How"),
    "n": ("件数・人数", "Number"),
    "note": ("備考", "Note"),
    "left_behind": ("取り残されるおそれのある人", "Who may be left behind"),
    "groups": ("対象", "Groups"),
    "offline_route": ("オンライン以外の方法", "Offline route"),
    "support": ("支援", "Support"),
    "related_rules": ("関係する例規・要綱", "Rules that the work rests on"),
    "milestones": ("マイルストーン", "Milestones"),
    "milestones.owner": ("担当者", "Owner"),
    "escalation_flags": ("上位決裁の事由", "Reasons for a higher decider"),
    "concurrence": ("合議先", "Concurrence"),
    # --- transform ---
    "changes": ("業務の見直し", "Changes"),
    "changes.kind": ("見直し方", "Kind of change"),
    "what": ("内容", "What"),
    "before": ("変更前", "Before"),
    "after": ("変更後", "After"),
    "to_be": ("あるべき姿", "To be"),
    "difficulty": ("難易度", "Difficulty"),
    "actions": ("実施事項", "Actions"),
    "actions.status": ("状況", "Status"),
    "who": ("担当", "Who"),
    "reason": ("理由", "Reason"),
    "visibility-reason": ("理由", "Reason"),
    "level": ("公開範囲", "Who may read"),
    "readers": ("ほかに読める人", "Named besides"),
    "trials": ("試行", "Trials"),
    "from": ("開始日", "From"),
    "to": ("終了日", "To"),
    "place": ("場所", "Place"),
    "participants": ("参加者（人）", "Participants"),
    "cases": ("件数（件）", "Cases"),
    "learned": ("分かったこと", "Learned"),
    "decision": ("判断", "Decision"),
    "cost_initial_yen": ("初期費用（円）", "Initial cost (yen)"),
    "cost_running_yen": ("運用費（円/年）", "Running cost (yen/year)"),
    "effort_hours": ("作業時間（人時）", "Effort (hours)"),
    "checks": ("点検", "Checks"),
    "security": ("情報セキュリティ", "Security"),
    "privacy": ("個人情報保護", "Privacy"),
    "accessibility": ("アクセシビリティ", "Accessibility"),
    "rollback": ("元に戻す方法", "Rollback"),
    "rule_changes": ("規程の改正", "Rule changes"),
    "rule": ("規程", "Rule"),
    "authority": ("所管", "Authority"),
    "rule_changes.status": ("改正の状況", "Status"),
    "tools": ("道具", "Tools"),
    "staffing_change": ("定数・配置の変更", "Change of staffing"),
    # --- realise ---
    "results": ("結果", "Results"),
    "metric": ("指標", "Metric"),
    "value": ("値", "Value"),
    "same_method": ("同じ測定方法", "Same method"),
    "realise.actual": ("実績", "Actual"),
    "satisfaction": ("満足度", "Satisfaction"),
    "satisfaction.who": ("回答者", "Who"),
    "score": ("評価（1〜5）", "Score (1–5)"),
    "voices": ("声", "Voices"),
    "voices.who": ("話し手", "Who"),
    "text": ("内容", "Text"),
    "side_effects": ("副作用", "Side effects"),
    "complaints": ("苦情（件）", "Complaints"),
    "offline_users": ("オンライン以外の利用者（人）", "Offline users"),
    "observation_days": ("観察日数（日）", "Days observed"),
    "verdict": ("達成度", "Verdict"),
    "cause": ("原因", "Cause"),
    # --- share ---
    "case": ("事例", "Case"),
    "summary": ("概要", "Summary"),
    "case.before": ("取組前", "Before"),
    "case.after": ("取組後", "After"),
    "conditions_to_copy": ("取り入れるための条件", "Conditions to copy it"),
    "hard_parts": ("苦労した点", "Hard parts"),
    "core_elements": ("変えてはいけない部分", "Core elements"),
    "adaptable_elements": ("変えてよい部分", "Adaptable elements"),
    "lessons_failed": ("うまくいかなかったこと", "Lessons from failures"),
    "audience": ("伝える相手", "Audience"),
    "public_level": ("公開の範囲", "Public level"),
    "sharing_events": ("共有の場", "Sharing events"),
    "sharing_events.kind": ("形式", "Kind"),
    "on": ("日付", "On"),
    "attendees": ("参加者（人）", "Attendees"),
    "spread_targets": ("横展開の提案先", "Offices to offer it to"),
    "assets": ("使える資料", "Reusable files"),
    "next": ("次の周回", "Next"),
    "next.kind": ("次にすること", "What follows"),
    "next.join": ("合流先の周回", "Cycle to join"),
    "next.owner": ("次の担当者", "Next owner"),
    "review_on": ("見直し日", "Review on"),
    # --- decisions ---
    "drafted_at": ("起案日", "Drafted on"),
    "decided_at": ("決裁日", "Decided on"),
    "decision_level": ("決裁区分", "Decision level"),
    "route": ("決裁経路", "Route"),
    "post": ("職", "Post"),
    "person": ("氏名", "Name"),
    "action": ("判断", "Action"),
    "at": ("日時", "Date and time"),
    "by": ("決裁者", "Decided by"),
    "on_behalf_of": ("代決（本来の決裁者）", "On behalf of"),
    "post_review": ("後閲", "Post-review"),
    "conditions": ("条件", "Conditions"),
    "closed_at": ("完了日時", "Closed at"),
    "evidence": ("証拠", "Evidence"),
    "content_hash": ("内容のハッシュ", "Content hash"),
    "hash": ("ハッシュ", "Hash"),
    "message": ("添え書き", "Message"),
    "version": ("版", "Version"),
}
"""Japanese and English by path; the most specific path that ends a field's path wins."""


def label(field: str, language: Language) -> str:
    """What a field is called.

    Args:
        field: its path with dots, such as `imagine.metrics.0.kind`; places in lists are left out.
        language: `ja` or `en`.

    Returns:
        The label of the longest known end of the path; the last name itself when none is known, so that a field
        that a newer writer added still shows.
    """
    parts = [part for part in field.split(".") if not part.isdigit()]
    for start in range(len(parts)):
        pair = FIELDS.get(".".join(parts[start:]))
        if pair is not None:
            return either(pair, language)
    return parts[-1] if parts else field


def either(pair: Pair, language: Language) -> str:
    """The half of a pair in that language."""
    return pair[0] if language == "ja" else pair[1]
