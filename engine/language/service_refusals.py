"""What the service itself says: keys, an engine or a database that is away, what cannot be recorded.

Japanese first, then English, keyed by the refusal's code.
"""

SERVICE: dict[str, tuple[str, str]] = {
    "reserved_name": (
        "{name} は見本の市の名前です。フォルダーまたはファイルの名前を変えてください。",
        "{name} is the name of the sample city; give the folder or file another one.",
    ),
    "last_administrator": (
        "この組織では、本日の管理者(admin)がいなくなります。職務 admin を持つ職を一つは残してください。",
        "With this organisation nobody would be an administrator today; leave one post the duty admin.",
    ),
    "not_your_absence": (
        "本人、上司または管理者だけができます。",
        "Only the person, a head above them or an administrator can do this.",
    ),
    "unknown_absence": ("不在 {absence} はありません。", "There is no absence {absence}."),
    "proof_needed": (
        "しばらく操作がなかったため、もう一度サインインしてください。",
        "You were away for a while; sign in once more before this.",
    ),
    "token_revoked": ("このトークンは取り消されています。", "This token was revoked."),
    "read_only_token": ("このトークンは閲覧専用です。", "This token may only read."),
    "sign_in_other_account": (
        "この職員は、別のアカウントで登録されています。異動や再発行のときは、管理者に登録の解除を依頼してください。",
        "This person has another account. After a change of accounts an administrator can release the old one.",
    ),
    "sign_in_not_in_group": (
        "このアカウントは、利用を認められたグループに入っていません。管理者に連絡してください。",
        "This account is not in the group that may come in. Ask an administrator.",
    ),
    "no_post_today": (
        "{person}さんは本日どの職にも就いていないため、利用できません。",
        "{person} holds no post today and is not let in.",
    ),
    "unknown_credential": ("トークン {credential} はありません。", "There is no token {credential}."),
    "idempotency_key_reused": (
        "この Idempotency-Key は別の内容で使用済みです。",
        "This Idempotency-Key was used for something else.",
    ),
    "form_sent_already": (
        "この画面からは、すでに一度送信されています。今の入力はまだ送られていません。元の画面を読み直して、もう一度入力してください。",
        "This form was sent once already. What stands here now was not sent: reload the page and enter it there.",
    ),
    "form_under_way": (
        "同じ内容を送信している途中です。少し待ってから、画面を読み直してください。",
        "The same is being sent already; wait a moment, then reload the page.",
    ),
    "bad_idempotency_key": (
        "Idempotency-Key は印字可能な ASCII 1〜255 文字です。",
        "Idempotency-Key is 1 to 255 printable ASCII characters.",
    ),
    "bad_if_match": ('If-Match は "<revision>" の形です。', 'If-Match looks like "<revision>".'),
    "engine_behind": ("エンジンが記録に追いついていません。", "The engine is behind its journal."),
    "engine_away": (
        "エンジンが応答しません。失われたものはありません。しばらくしてから、もう一度送ってください。",
        "The engine does not answer. Nothing is lost; send the same again in a while.",
    ),
    "engine_failed": ("エンジンで処理できませんでした。", "The engine could not process this."),
    "cycle_not_running": (
        "エンジンがこの周回を実行していません。管理者は spiral readopt を実行してください。",
        "The engine does not run this cycle; an administrator can run `spiral readopt`.",
    ),
    "not_recorded": (
        "記録できない内容が含まれているため、受け付けませんでした。何も変更されていません。内容を直して送ってください。",
        "It holds something that cannot be recorded, so it was not accepted; change it and send it again.",
    ),
    "record_older_than_engine": (
        "記録が古い状態に戻されているため、受け付けられません。管理者に知らせてください。",
        "The record was put back to an older state, so nothing can be accepted. Please tell an administrator.",
    ),
    "not_decided": (
        "処理できない内容のため、受け付けませんでした。何も変更されていません。",
        "It could not be processed, so it was not accepted. Nothing has changed.",
    ),
    "not_looked_up": (
        "処理に必要な情報を調べられませんでした。何も変更されていません。",
        "What is needed to process it could not be looked up. Nothing has changed.",
    ),
    "unreadable_command": ("コマンドとして読めません。", "It cannot be read as a command."),
    "internal_error": ("サーバーで誤りがありました。", "Something went wrong on the server."),
    "database_away": (
        "データベースが応答しません。何も変更されていません。しばらくしてから、もう一度送ってください。",
        "The database does not answer. Nothing has changed; send it again in a while.",
    ),
    "not_written_yet": (
        "受け付けましたが、記録に書き込まれるまで、もう少しかかります。しばらくしてから確かめてください。",
        "It was accepted, but it takes a little longer until it is written down; look again in a while.",
    ),
    "unknown_host": (
        "{host} は、この市のアドレスではありません。SPIRAL_PUBLIC_URL か SPIRAL_HOSTS に加えてください。",
        "{host} is no address of this city. Whoever operates it can name it in SPIRAL_PUBLIC_URL or SPIRAL_HOSTS.",
    ),
    "too_slow": (
        "送信が途中で止まりました。何も変更されていません。もう一度送ってください。",
        "What was sent stopped half way. Nothing has changed; send it again.",
    ),
    "too_many_requests": (
        "要求が多すぎます。しばらくしてから、もう一度送ってください。",
        "Too many requests; send it again in a while.",
    ),
    "key_in_use": (
        "同じ Idempotency-Key の送信を処理中です。しばらくしてから、もう一度送ってください。",
        "Something under the same Idempotency-Key is being done; send it again in a while.",
    ),
}
