"""The list of what kinds of thing there are to do (PPP-51)."""

from django.utils.translation import gettext_lazy as _

from moothall.core.lists.declared import Declared, Standard, declare, held
from moothall.domain.cases.models import Intention
from moothall.domain.catalogue import known

TYPES = declare(
    Declared(
        key="intention_types",
        name=_("Things to do"),
        hint=_("What kinds of thing there are to do on a case."),
        values=(
            Standard("call", _("Ring somebody")),
            Standard("write", _("Write to somebody")),
            Standard("visit", _("Visit")),
            Standard("check", _("Check something")),
            Standard("chase", _("Chase an answer")),
            Standard("other", _("Something else")),
        ),
        used=held(Intention, "type"),
    )
)
known.provide("intention_types", lambda: [one.key for one in TYPES.values])
