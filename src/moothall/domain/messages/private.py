"""What an e-mail tells its reader and nobody else: it stands neither in the kept text nor in the filed copy.

The text has `PLACE` where it goes. Whoever put it there says what goes in, at the moment the e-mail is sent.
"""

import copy
from collections.abc import Callable

from moothall.domain.messages.mail import NotSent
from moothall.domain.messages.models import Message

PLACE = "[the link stands in the e-mail alone]"
Tells = Callable[[Message], str | None]
_tells: list[Tells] = []


def told_by(tells: Tells) -> Tells:
    """Register who is asked for the HTML that goes in the place of a message; None where the message is not theirs.

    They raise NotSent when it must not go out any more.
    """
    _tells.append(tells)
    return tells


def is_in(message: Message) -> bool:
    """Whether a message has something that only its reader is told."""
    return PLACE in message.html


def whole(message: Message) -> Message:
    """The message as its reader gets it; never saved. Raises NotSent when nobody has what goes in its place."""
    if not is_in(message):
        return message
    for tells in _tells:
        if (html := tells(message)) is not None:
            sent = copy.copy(message)
            sent.html = message.html.replace(PLACE, html)
            return sent
    raise NotSent("Its link was for the first e-mail alone. Send a new link from the case.", permanent=True)
