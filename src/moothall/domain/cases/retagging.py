"""Tags changed by the database itself, so that two changes at once both count."""

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, F, Func, Value

_TAGS: "ArrayField[list[str], list[str]]" = ArrayField(CharField(max_length=60))


def retagged(put: Iterable[str], taken: Iterable[str]) -> Func:
    """An expression for the column `tags`: what is in it, with `put` and without `taken`, sorted."""
    with_put = Func(F("tags"), Value(sorted(put), output_field=_TAGS), function="array_cat", output_field=_TAGS)
    return Func(
        with_put,
        Value(sorted(taken), output_field=_TAGS),
        template="ARRAY(SELECT unnest(%(expressions)s) ORDER BY 1)",
        arg_joiner=") EXCEPT SELECT unnest(",
        output_field=_TAGS,
    )
