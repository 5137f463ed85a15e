"""How often Python looks for what nothing refers to any more."""

import gc

FRESH, AGAIN, OFTEN = 50_000, 20, 20


def settle() -> None:
    """What is there once the product is loaded stays, and is never looked through again; a page makes thousands of things
    that go with it, so the first look comes after more of them than Python's 700.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(FRESH, AGAIN, OFTEN)
