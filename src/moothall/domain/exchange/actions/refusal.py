"""Why something cannot be done in the queue."""


class QueueRefusal(Exception):
    """It cannot be done as things stand. Its message may be shown to whoever asked."""


def reason_given(reason: str) -> str:
    """The reason, trimmed; refuses an empty one."""
    if not reason.strip():
        raise QueueRefusal("Say why: the reason is written on the case.")
    return reason.strip()
