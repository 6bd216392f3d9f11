"""What can be done with a cycle, by name, and by whom."""

from enum import StrEnum


class Move(StrEnum):
    """What a person can do with a cycle; a decision is named by its action."""

    SAVE_DRAFT = "save_draft"
    SUBMIT = "submit"
    APPROVE = "approve"
    APPROVE_WITH_CONDITIONS = "approve_with_conditions"
    OPPOSE = "oppose"
    RETURN = "return"
    HOLD = "hold"
    REJECT = "reject"
    PULL_UP = "pull_up"
    """引上げ: decide as a superior for whoever has it below."""
    RETRACT = "retract"
    PULL_BACK = "pull_back"
    WITHDRAW = "withdraw"
    RESUME = "resume"
    COMMENT = "comment"
    CLOSE_CONDITION = "close_condition"
    ASK = "ask"
    ANSWER_QUESTION = "answer_question"
    ACKNOWLEDGE = "acknowledge"
    POST_REVIEW = "post_review"
    ATTACH = "attach"
    DETACH = "detach"
    ASSIGN_STARTUP = "assign_startup"
    SET_VISIBILITY = "set_visibility"


class Occasion(StrEnum):
    """What happens to a cycle without a person."""

    JOIN_PARENT = "join_parent"
    """A smaller cycle flows into this one: the command of its workflow."""
    TIME_PASSES = "time_passes"
    """A day has come: no command."""


class Asker(StrEnum):
    """Who wants to do something, as the table tells people apart."""

    OWNER = "owner"
    DECIDER = "decider"
    """Whom the route asks; before and after a review, whom it would ask or has asked."""
    SUPERIOR = "superior"
    """The head above the decider, to whom the cycle was circulated."""
    OTHER = "other"
    """Anybody else of the office."""
    SYSTEM = "system"
