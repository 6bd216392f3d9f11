"""What is said of files beside a step. Japanese first, then English, keyed by the refusal's code."""

ATTACHMENTS: dict[str, tuple[str, str]] = {
    "unknown_attachment": ("添付 {n} はありません。", "There is no file {n}."),
    "unknown_content": (
        "その内容のファイルはまだ届いていません。先に送ってください。",
        "No file with this content is there yet; upload it first.",
    ),
    "not_yours_to_attach": (
        "添付できるのは担当者[[（{owner_name}さん）]]と、審査中はその決裁者だけです。",
        "Only the owner[[ ({owner_name})]], and in review the deciders, can attach files.",
    ),
    "not_your_attachment": (
        "ほかの人[[（{by_name}さん）]]の添付です。",
        "Somebody else[[ ({by_name})]] added this file.",
    ),
    "attachment_stays": (
        "審査中と承認済みの段階[[（{step}）]]の添付は外せません。",
        "A file stays while its step[[ ({step})]] is in review, and after it.",
    ),
    "attachment_removed": ("添付 {n} は既に外されています。", "File {n} is removed already."),
    "attached_already": ("同じファイルが添付済みです({n})。", "The same file is there already ({n})."),
}
