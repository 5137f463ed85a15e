"""Whom a form is about: whoever sends it, or somebody else."""

from moothall.domain.forms.journey import Journey

NAMES = ("person.last_name", "organisation.name")
"""The facts that say who a customer is."""


def another(journey: Journey) -> bool:
    """Whether the answers name a customer who need not be whoever filled in the form.

    A question for such a name says so by `known: false`: what is known of the sender does not answer it.
    """
    named = [one for one in journey.plan.form.questions.values() if one.fact in NAMES]
    return any(not one.known and journey.answer(one.id) is not None for one in named)
