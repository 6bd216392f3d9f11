"""What is said of who may read a cycle. Japanese first, then English, keyed by the refusal's code."""

READING: dict[str, tuple[str, str]] = {
    "not_yours_to_hide": (
        "だれが読めるかを決められるのは、担当者とその所属長だけです。",
        "Only its owner and the head of their unit say who may read it.",
    ),
    "visibility_is_the_same": ("すでにそう決まっています。", "That is how it is already."),
    "auditor_only": ("監査の職務に就いている人だけができます。", "Only somebody with the duty auditor can do this."),
    "case_is_not_open": (
        "この事例を読める人は限られています。ほかの所属に提案する前に、公開範囲を「庁内」に広げてください。",
        "Few may read this case. Open it to the whole office before you offer it to others.",
    ),
    "join_opens": (
        "合流先の周回 {cycle} は、より多くの人が読めます。合流先を狭めるか、この取組を広げてください。",
        "More people may read {cycle} than this cycle. Close that one to them, or open this one, before they join.",
    ),
}
