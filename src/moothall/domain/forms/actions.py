"""What is done with forms, for whoever shows them: begin, open, answer, send."""

from moothall.domain.forms.drafts import (
    Held,
    NoDraft,
    PageSaved,
    add_upload,
    discard,
    expire,
    hand_over,
    looked_up,
    resume,
    save_page,
    start,
)
from moothall.domain.forms.standing import NotOpen, Standing, standing
from moothall.domain.forms.submitting import Incomplete, let_in, submission_of, submit
from moothall.domain.forms.who import Citizen, Who

__all__ = [
    "Citizen", "Held", "Incomplete", "NoDraft", "NotOpen", "PageSaved", "Standing", "Who", "add_upload", "discard", "expire",
    "hand_over", "let_in", "looked_up", "resume", "save_page", "standing", "start", "submission_of", "submit",
]  # fmt: skip
