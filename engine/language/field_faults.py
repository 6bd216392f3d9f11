"""What is wrong with one field, in Japanese and English, keyed by its code.

A key `code:why` is the same code said more exactly: the refusal's parameter `why` chooses it. Must not know rules.
"""

FIELD_FAULTS: dict[str, tuple[str, str]] = {
    "missing": ("入力が必要です。", "This is needed."),
    "unknown_field": ("この項目はありません。", "This field is not known."),
    "unknown_field:form": (
        "この項目はフォームの中には書けません。アドレスの ? の後に書いてください。",
        "This does not go into the form; write it after the ? of the address.",
    ),
    "unknown_field:page": (
        "この画面にない入力欄({name})が送られたため、何も変更していません。画面を読み直して、もう一度送ってください。",
        "This page has no field {name}, so nothing was changed. Reload the page and send it again.",
    ),
    "wrong_type": ("書き方が違います。", "This is written in the wrong way."),
    "wrong_type:string": ("文字列で書いてください。", "Write it as text."),
    "wrong_type:number": (
        "数で書いてください(引用符は付けません)。",
        "Write a number, without quotation marks.",
    ),
    "wrong_type:int": ("整数で書いてください。", "Write it as a whole number."),
    "wrong_type:bool": ("true か false で書いてください。", "Write true or false."),
    "wrong_type:list": ("[ ] で囲んだ一覧で書いてください。", "Write it as a list in [ ]."),
    "wrong_type:object": (
        "項目と値の組(オブジェクト)で書いてください。",
        "Write it as an object: fields with their values.",
    ),
    "wrong_type:file": ("ファイルを付けてください。", "Attach a file."),
    "not_json": ("JSON として読めません。", "It is not JSON."),
    "not_a_form": (
        "フォーム(multipart/form-data)として読めません。",
        "It cannot be read as a form (multipart/form-data).",
    ),
    "send_json": (
        "Content-Type: application/json を付けて、JSON で送ってください。",
        "Send JSON, with Content-Type: application/json.",
    ),
    "send_json:charset": ("UTF-8 の JSON で送ってください。", "Send the JSON as UTF-8."),
    "doubled_name": ("同じ名前の項目が2つあります。1つにしてください。", "This name stands twice; send it once."),
    "not_a_choice": ("選べる値: {expected}", "Must be one of: {expected}."),
    "too_long": ("長すぎます(上限 {limit})。", "Too long (at most {limit})."),
    "deliverable_too_large": (
        "様式全体で {kilobytes} KB あり、上限 200 KB を超えています。長い文章や表はファイルで添付してください。",
        "The whole form is {kilobytes} KB; at most 200 KB fit. Put long texts and tables into a file and attach it.",
    ),
    "too_short": ("短すぎます(下限 {limit})。", "Too short (at least {limit})."),
    "absence_too_long": ("1回の不在は {limit} 日までです。", "One absence is at most {limit} days."),
    "proxy_without_post": (
        "{person} はその初日にどの職にも就いていません。",
        "{person} holds no post on the first day.",
    ),
    "proxies_of_each_other": (
        "{person} も同じ期間に不在で、代理が互いになっています。別の人を選んでください。",
        "{person} is away at the same time and names you as proxy. Choose somebody else.",
    ),
    "only_one_of": ("{other} と同時には指定できません。", "Cannot be given together with {other}."),
    "only_with_service": ("プログラムのトークンだけに指定できます。", "Only for a program's token."),
    "out_of_range": ("範囲外です({limit})。", "Out of range ({limit})."),
    "out_of_range:ge": ("{limit}以上で書いてください。", "Write {limit} or more."),
    "out_of_range:le": ("{limit}以下で書いてください。", "Write {limit} or less."),
    "out_of_range:gt": ("{limit}より大きい数を書いてください。", "Write more than {limit}."),
    "out_of_range:lt": ("{limit}より小さい数を書いてください。", "Write less than {limit}."),
    "out_of_range:finite": ("有限の数で書いてください。", "Write a number that is not infinite."),
    "out_of_range:days": ("{first} から {last} までの日付を書いてください。", "Write a day from {first} to {last}."),
    "not_a_date": ("日付は 2027-04-01 のように書いてください。", "Write a date like 2027-04-01."),
    "bad_value": ("正しい値ではありません。", "This value is not valid."),
    "bad_value:sign": (
        "使えない文字({sign})が入っています。消してください。",
        "It holds a sign that cannot be written ({sign}); take it out.",
    ),
    "bad_value:one_line": (
        "1行で書いてください(改行や、文字の向きを変える記号は使えません)。",
        "Write it on one line, without signs that turn the direction of text.",
    ),
    "bad_value:pattern": ("使える書き方ではありません({pattern})。", "It is not written as it must be ({pattern})."),
}


def said_more_exactly(code: str, why: str | None) -> str:
    """The key of the most exact sentence there is for a code."""
    exact = f"{code}:{why}"
    return exact if why and exact in FIELD_FAULTS else code
