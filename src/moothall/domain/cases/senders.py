"""The forms that cases came of, and so who sent them."""

from uuid import UUID

from django.db.models import QuerySet

from moothall.domain.cases.from_forms import SOURCE
from moothall.domain.cases.models import Case, Submission
from moothall.domain.forms.models import Submission as FormSubmission
from moothall.domain.people.models import Customer

MOST = 500
"""Forms of one customer that are looked at, the newest."""


def of_case(case: Case) -> FormSubmission | None:
    """The form a case came of, if it came of one."""
    return next(iter(_forms(Submission.objects.filter(case=case, source=SOURCE))), None)


def of_customer(customer: Customer) -> list[FormSubmission]:
    """The forms that the cases of a customer came of."""
    return _forms(Submission.objects.filter(case__customer=customer, source=SOURCE).order_by("-pk"))


def _forms(kept: QuerySet[Submission]) -> list[FormSubmission]:
    keys = [UUID(one.partition(".")[0]) for one in kept.values_list("external_id", flat=True)[:MOST]]
    return list(FormSubmission.objects.filter(key__in=keys).select_related("version__form", "officer")) if keys else []
