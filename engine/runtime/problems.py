"""What a person at the terminal is told when the ground gives way: one line, in Japanese and in English.

Knows nothing of cycles; refusals by the rules of the spiral are `engine.domain.errors`.
"""


class SetupError(Exception):
    """Something outside the rules stands in the way: a port, a lock, a setting, a server that does not answer.

    `str()` is the one line to print; it names the place.
    """

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(f"{ja} / {en}")
        self.ja = ja
        self.en = en
