"""Which days taken by forms are free again (BEST-52): those of cases that came to nothing.

A case came to nothing when it was closed without being carried out, or while it waits for money of which the request has lapsed.
Nothing is kept of it: a case that is opened again, or paid after all, has its day as before.
"""

from collections.abc import Collection
from datetime import date

from django.db import connection

from moothall.domain.forms import slots

_FREED = """
    SELECT b.submission_id FROM forms_booking b
    JOIN forms_delivery d ON d.submission_id = b.submission_id AND d.kind = 'case' AND d.state = 'done'
    JOIN cases_case c ON c.reference = d.result
    WHERE b.form_id = %(form)s AND b.day >= %(today)s AND CASE
        WHEN c.closed_at IS NOT NULL THEN c.end_state IN ('withdrawn', 'closed', 'refused')
        ELSE EXISTS (SELECT FROM cases_workitem w WHERE w.case_id = c.id AND w.finished_at IS NULL AND 'payment' = ANY (w.wakes_on))
            AND EXISTS (SELECT FROM cases_casepayment l JOIN payments_payment p ON p.id = l.payment_id
                WHERE l.case_id = c.id AND p.status IN ('expired', 'failed'))
            AND NOT EXISTS (SELECT FROM cases_casepayment l JOIN payments_payment p ON p.id = l.payment_id
                WHERE l.case_id = c.id AND p.status NOT IN ('expired', 'failed', 'cancelled', 'refunded'))
        END
"""


@slots.freed_by
def freed(form_id: int, today: date) -> Collection[int]:
    """The submissions of a form that hold none of their days from `today` on any more."""
    with connection.cursor() as cursor:
        cursor.execute(_FREED, {"form": form_id, "today": today})
        return {row[0] for row in cursor.fetchall()}
