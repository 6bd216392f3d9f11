"""What the states, moves and askers of the table of moves are called; part of `engine.language.enums`."""

from collections.abc import Mapping

from engine.language.fields import Pair

MOVES: Mapping[str, Mapping[str, Pair]] = {
    "NamedState": {
        "draft": ("作成中", "draft"),
        "in_review": ("審査中", "in review"),
        "returned": ("差戻し", "returned"),
        "held": ("保留中", "on hold"),
        "sleeping": ("開始待ち", "sleeping"),
        "completed": ("完了", "completed"),
        "rejected": ("却下", "rejected"),
        "withdrawn": ("取下げ", "withdrawn"),
    },
    "Move": {
        "save_draft": ("下書きの保存", "save a draft"),
        "submit": ("提出", "submit"),
        "approve": ("承認・決裁", "approve"),
        "approve_with_conditions": ("条件付承認", "approve with conditions"),
        "oppose": ("反対意見", "oppose"),
        "return": ("差戻し", "return"),
        "hold": ("保留", "hold"),
        "reject": ("却下", "reject"),
        "pull_up": ("引上げ", "pull up"),
        "retract": ("決裁の取消し", "retract a decision"),
        "pull_back": ("引戻し", "pull back"),
        "withdraw": ("取下げ", "withdraw"),
        "resume": ("再開", "resume"),
        "comment": ("コメント", "comment"),
        "close_condition": ("条件の完了", "close a condition"),
        "ask": ("質問", "ask"),
        "answer_question": ("回答", "answer a question"),
        "acknowledge": ("閲覧確認", "acknowledge a circulation"),
        "post_review": ("後閲", "read afterwards"),
        "attach": ("ファイルの添付", "attach a file"),
        "detach": ("添付の取消し", "take a file back"),
        "assign_startup": ("スタートアップの変更", "assign a startup"),
        "set_visibility": ("公開範囲の変更", "say who may read"),
    },
    "Occasion": {
        "join_parent": ("合流", "a smaller cycle joins"),
        "time_passes": ("期日の到来", "a day comes"),
    },
    "Asker": {
        "owner": ("担当者", "owner"),
        "decider": ("決裁者", "decider"),
        "superior": ("上位者", "superior"),
        "other": ("ほかの職員", "others"),
        "system": ("システム", "the system"),
    },
    "Because": {
        "more_to_ask": ("経路に次の人がいるとき", "somebody on the route is still to be asked"),
        "last_step": ("「共有する」の最後の決裁のとき", "it is the last decision of *Share*"),
        "opinion": ("合議で意見を求められた人のとき", "an opinion is asked in concurrence"),
        "earlier_approver": ("前の承認者に戻すとき", "it goes back to an earlier approver"),
        "larger": (
            "一回り大きい周回が「想像する」を作成しているとき",
            "the cycle is larger and still writes its *Imagine*",
        ),
        "carried_over": ("前の周回から条件を引き継いだとき", "the cycle before it has left a condition"),
    },
}
