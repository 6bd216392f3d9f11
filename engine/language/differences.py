"""What is said of a difference between record and engine: what it is, and what to do. Must not know who finds it."""

from engine.contracts.differences import DifferenceKind

K = DifferenceKind
DIFFERENCES: dict[DifferenceKind, tuple[str, str]] = {
    K.NOT_RUNNING: (
        "記録では進行中ですが、エンジンでは終わっています。spiral readopt で再開してください。",
        "It is open in the record, but its run has ended. Start it again: spiral readopt.",
    ),
    K.ENGINE_BEHIND: (
        "エンジンが記録に追いつきません。ワーカーのログを確認してください。",
        "The engine does not catch up with the record. Look at the worker's log.",
    ),
    K.JOURNAL_OLDER: (
        "記録がエンジンより古くなっています。新しい写しを戻すか、記録から再開: spiral readopt --from-record 周回",
        "The record is older than the engine. Restore a newer copy, or spiral readopt --from-record CYCLE.",
    ),
    K.NO_ANSWER: (
        "周回が応答しません。ワーカーが動いているか確認してください。",
        "The cycle does not answer. See whether a worker is at work.",
    ),
    K.STUCK: (
        "エンジンがこの周回の処理の失敗を報告しています。ワーカーのログを確認してください。",
        "The engine reports that this cycle's tasks fail. Look at the worker's log.",
    ),
    K.UNRECORDED: (
        "エンジンで動いている周回が記録にありません。新しい写しを戻すか、エンジンでその実行を終了してください。",
        "The engine runs a cycle that is not on record. Restore a newer copy, or terminate its run in the engine.",
    ),
    K.NEXT_MISSING: (
        "次の周回を始められませんでした。ワーカーのログを確認してください。",
        "The next cycle could not be started. Look at the worker's log.",
    ),
}
"""Japanese, English."""
