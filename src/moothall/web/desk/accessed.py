"""Where somebody looked at a record, in words: the record of accesses keeps the name of the page or route."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_DESK, _API, _LINK = "desk ", "api ", "link of opinion"
_PAGES = {
    "case": gettext_lazy("Summary"),
    "case.application": gettext_lazy("Online application"),
    "case.workflow": gettext_lazy("Workflow"),
    "case.timeline": gettext_lazy("Timeline"),
    "case.documents": gettext_lazy("Documents"),
    "case.document": gettext_lazy("A document"),
    "case.notes": gettext_lazy("Notes"),
    "case.payments": gettext_lazy("Payments"),
    "case.issued": gettext_lazy("What was issued"),
    "case.badge": gettext_lazy("What was issued"),  # so it was called once
    "case.earlier": gettext_lazy("Answers beside those of another case"),
    "case.unlink": gettext_lazy("Linked cases"),
    "case.national": gettext_lazy("Asking the national service"),
    "create": gettext_lazy("Opening a case by hand"),
    "queue": gettext_lazy("Integration queue"),
    "digest": gettext_lazy("What failed"),
    "opinion": gettext_lazy("Opinions"),
    "checks": gettext_lazy("Checks"),
    "national": gettext_lazy("National search"),
    "connector": gettext_lazy("Connectors"),
    "customer": gettext_lazy("Customer’s record"),
    "template": gettext_lazy("Trying out a letter"),
}


def place(via: str) -> str:
    """The page, as its heading or tab calls it; the name kept, where no page is called so."""
    if via.startswith(_API):
        return _("Through the API")
    if via.startswith(_LINK):
        return _("By the link of an opinion")
    page = via.removeprefix(_DESK)
    while page and page not in _PAGES:
        page = page.rpartition(".")[0]
    return str(_PAGES[page]) if page else via
