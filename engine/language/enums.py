"""What every value of the domain's enumerations is called, in Japanese and English (docs/guides/field-words.md)."""

from collections.abc import Mapping
from enum import StrEnum

from engine.language.fields import Language, Pair, either
from engine.language.moves import MOVES

WORDS: Mapping[str, Mapping[str, Pair]] = {
    "Step": {
        "imagine": ("想像する", "Imagine"),
        "transform": ("取り組む", "Transform"),
        "realise": ("実感する", "Realise"),
        "share": ("共有する", "Share"),
    },
    "StepStatus": {
        "draft": ("作成中", "draft"),
        "in_review": ("審査中", "in review"),
        "returned": ("差戻し", "returned"),
    },
    "CycleStatus": {
        "active": ("進行中", "active"),
        "on_hold": ("保留中", "on hold"),
        "completed": ("完了", "completed"),
        "rejected": ("却下", "rejected"),
        "withdrawn": ("取下げ", "withdrawn"),
    },
    "OfferStatus": {
        "offered": ("提案中", "offered"),
        "accepted": ("そのまま取り入れる", "accepted"),
        "adapting": ("手直しして取り入れる", "adapting"),
        "declined": ("見送り", "declined"),
        "withdrawn": ("取下げ", "withdrawn"),
    },
    "AccessAct": {
        "sign_in": ("サインイン", "signed in"),
        "sign_in_failed": ("サインインの失敗", "sign-in failed"),
        "sign_out": ("サインアウト", "signed out"),
        "read_restricted": ("限定の取組の閲覧", "read a cycle kept to few"),
        "export": ("ファイルへの書出し", "export"),
        "token_made": ("トークンの発行", "token made"),
        "account_released": ("認証アカウントの登録解除", "account released"),
        "token_revoked": ("トークンの取消し", "token revoked"),
        "visits_ended": ("サインインの一斉終了", "signed out everywhere"),
        "setting": ("設定ファイルの発効", "a file put in force"),
    },
    "PersonalData": {
        "mail": ("メールアドレスのようです", "looks like a mail address"),
        "telephone": ("電話番号のようです", "looks like a telephone number"),
        "number": ("個人番号のような12桁です", "twelve digits, like a personal number"),
    },
    "Visibility": {
        "office": ("庁内", "the whole office"),
        "concerned": ("関係者", "those concerned"),
        "restricted": ("限定", "few"),
    },
    "CycleKind": {
        "start": ("開始", "start"),
        "expand": ("拡大", "expand"),
        "retry": ("再挑戦", "retry"),
        "sustain": ("定着", "sustain"),
        "adopt": ("横展開", "adopt"),
    },
    "OrgScope": {
        "individual": ("一人", "individual"),
        "unit": ("係", "unit"),
        "section": ("課", "section"),
        "department": ("部", "department"),
        "citywide": ("全庁", "citywide"),
    },
    "UnitLevel": {
        "unit": ("係", "unit"),
        "section": ("課", "section"),
        "department": ("部", "department"),
        "citywide": ("全庁", "citywide"),
    },
    "WorkScope": {
        "task": ("業務", "task"),
        "process": ("一連の業務", "process"),
        "project": ("事業", "project"),
        "programme": ("大きな事業", "programme"),
    },
    "Growth": {
        "either": ("どちらか", "either"),
        "both": ("両方", "both"),
    },
    "Governance": {
        "cross_agency": ("全庁横断型", "cross-agency"),
        "section_led": ("各課推進型", "section-led"),
    },
    "Pillar": {
        "P1": ("行かなくてもいい市役所", "A city hall you need not visit"),
        "P2": ("暮らしのデジタル化", "Digital daily life"),
        "P3": ("スマート行政経営", "Smart administration"),
        "P4": ("ICTを使いこなすことが困難な方への支援", "Support for people who find ICT difficult"),
        "P5": ("推進体制の構築", "Building the organisation"),
    },
    "Profile": {
        "light": ("簡易", "light"),
        "full": ("標準", "full"),
    },
    "StageKind": {
        "line": ("承認", "line approval"),
        "concurrence": ("合議", "concurrence"),
        "final": ("決裁", "final decision"),
    },
    "Action": {
        "approve": ("承認", "approve"),
        "approve_with_conditions": ("条件付承認", "approve with conditions"),
        "return": ("差戻し", "return"),
        "hold": ("保留", "hold"),
        "reject": ("却下", "reject"),
        "oppose": ("反対意見", "oppose"),
    },
    "Mode": {
        "consent": ("同意", "consent"),
        "opinion": ("意見", "opinion"),
    },
    "PostRole": {
        "head": ("長", "head"),
        "deputy": ("次席", "deputy"),
        "staff": ("職員", "staff"),
    },
    "Duty": {
        "dx_team": ("DX推進チーム", "DX promotion team"),
        "cdo": ("最高デジタル責任者", "CDO"),
        "finance": ("財政", "finance"),
        "legal": ("法規", "legal"),
        "privacy": ("個人情報保護", "privacy"),
        "hr": ("人事", "human resources"),
        "information_systems": ("情報システム", "information systems"),
        "admin": ("管理者", "administrator"),
        "viewer": ("閲覧者", "viewer"),
        "auditor": ("監査", "auditor"),
    },
    "ConcurrenceDuty": {
        "dx_team": ("DX推進チーム", "DX promotion team"),
        "cdo": ("最高デジタル責任者", "CDO"),
        "finance": ("財政", "finance"),
        "legal": ("法規", "legal"),
        "privacy": ("個人情報保護", "privacy"),
        "hr": ("人事", "human resources"),
        "information_systems": ("情報システム", "information systems"),
    },
    "AssumptionKind": {
        "habit": ("今までこうだったから", "habit"),
        "rule": ("今のルールではこうだから", "rule"),
    },
    "Direction": {
        "up": ("大きいほどよい", "higher is better"),
        "down": ("小さいほどよい", "lower is better"),
    },
    "MetricKind": {
        "outcome": ("成果", "outcome"),
        "output": ("活動量", "output"),
    },
    "EvidenceKind": {
        "survey": ("アンケート", "survey"),
        "interview": ("聞き取り", "interview"),
        "count": ("集計", "count"),
    },
    "EscalationFlag": {
        "council": ("議会関係", "council-related"),
        "important": ("重要", "important"),
        "unusual": ("異例", "unusual"),
        "precedent": ("先例になる", "sets a precedent"),
        "contentious": ("紛議のおそれ", "contentious"),
    },
    "WorkChangeKind": {
        "abolish": ("やめる", "abolish"),
        "merge": ("まとめる", "merge"),
        "reorder": ("順番を変える", "reorder"),
        "simplify": ("簡単にする", "simplify"),
        "digitise": ("デジタル化する", "digitise"),
    },
    "Difficulty": {
        "low": ("低", "low"),
        "mid": ("中", "medium"),
        "high": ("高", "high"),
    },
    "ActionStatus": {
        "todo": ("未着手", "to do"),
        "doing": ("実施中", "doing"),
        "done": ("完了", "done"),
        "dropped": ("中止", "dropped"),
    },
    "CheckResult": {
        "na": ("対象外", "not applicable"),
        "ok": ("適", "passed"),
        "ng": ("不適", "not passed"),
    },
    "Verdict3A": {
        "adopt": ("採用", "adopt"),
        "adapt": ("改良", "adapt"),
        "abandon": ("中止", "abandon"),
    },
    "Who": {
        "citizen": ("市民", "citizen"),
        "staff": ("職員", "staff"),
    },
    "Verdict": {
        "achieved": ("達成", "achieved"),
        "partial": ("一部達成", "partly achieved"),
        "not": ("未達", "not achieved"),
        "worse": ("悪化", "worse"),
    },
    "PublicLevel": {
        "internal": ("庁内", "internal"),
        "other_gov": ("他団体まで", "other governments"),
        "public": ("公開", "public"),
    },
    "NextKind": {
        "expand": ("拡大", "expand"),
        "retry": ("再挑戦", "retry"),
        "sustain": ("定着", "sustain"),
        "close": ("終了", "close"),
    },
    "EdgeKind": {
        "expand": ("拡大", "expand"),
        "retry": ("再挑戦", "retry"),
        "sustain": ("定着", "sustain"),
        "join": ("合流", "join"),
        "adopt": ("横展開", "adopt"),
    },
    "SustainOutcome": {
        "kept": ("維持", "kept"),
        "reduced": ("低下", "reduced"),
        "lost": ("消失", "lost"),
    },
    "WebhookStatus": {
        "active": ("稼働中", "active"),
        "paused": ("停止中", "paused"),
        "disabled": ("無効", "disabled"),
    },
    "DeliveryStatus": {
        "waiting": ("送信待ち", "waiting"),
        "delivered": ("送信済み", "delivered"),
        "failed": ("失敗", "failed"),
        "skipped": ("送信せず", "skipped"),
    },
    "GroupBy": {
        "fiscal_year": ("年度", "fiscal year"),
        "pillar": ("柱", "pillar"),
        "startup": ("スタートアップ", "startup"),
        "org_unit": ("所属", "office"),
        "org_scope": ("範囲", "organisational scope"),
        "kind": ("周回の種類", "kind of cycle"),
    },
    "FigureUnit": {
        "cycles": ("周回", "cycles"),
        "initiatives": ("件", "initiatives"),
        "people": ("人", "people"),
        "days": ("日", "days"),
        "hours/year": ("時間/年", "hours/year"),
        "yen/year": ("円/年", "yen/year"),
    },
    **MOVES,
}
"""Japanese and English by the enumeration's name and value."""


def word(value: StrEnum, language: Language) -> str:
    """What a value of an enumeration is called."""
    pair = WORDS.get(type(value).__name__, {}).get(value.value)
    return either(pair, language) if pair else value.value
