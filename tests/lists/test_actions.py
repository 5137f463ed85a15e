from datetime import datetime

import pytest

from moothall.core.accounts.models import User
from moothall.core.lists import actions
from moothall.core.lists.models import Tag, Value

pytestmark = pytest.mark.django_db
MISSING = [
    {"key": "photo", "label": "Photograph", "text": "<p>Send a photograph.</p>"},
    {"key": "proof", "label": "Proof of address"},
]


def test_a_list_offers_its_values_in_order(officer: User, noon: datetime) -> None:
    actions.ensure_list("missing", name="Missing items", values=MISSING, by=officer, at=noon)

    assert [value.key for value in actions.values("missing")] == ["photo", "proof"]
    assert actions.values("no_such_list") == []


def test_a_value_left_out_is_retired_and_its_label_is_kept_for_old_records(officer: User, noon: datetime) -> None:
    actions.ensure_list("missing", name="Missing items", values=MISSING, by=officer, at=noon)
    actions.ensure_list("missing", name="Missing items", values=MISSING[1:], by=officer, at=noon)

    assert [value.key for value in actions.values("missing")] == ["proof"]
    assert actions.labels("missing") == {"photo": "Photograph", "proof": "Proof of address"}
    assert Value.objects.get(key="photo").retired_on == noon.date()


def test_a_retired_value_is_offered_and_accepted_no_longer(officer: User, noon: datetime) -> None:
    actions.ensure_list("missing", name="Missing items", values=MISSING, by=officer, at=noon)
    actions.retire(Value.objects.get(key="photo"), on=noon.date(), by=officer, at=noon)

    actions.check("missing", ["proof"])
    with pytest.raises(actions.NotInList, match="“photo” is not one of missing: use proof"):
        actions.check("missing", ["proof", "photo"])


def test_a_list_whose_values_are_all_retired_accepts_nothing_and_one_never_filled_accepts_all(
    officer: User, noon: datetime
) -> None:
    actions.ensure_list("missing", name="Missing items", values=MISSING[:1], by=officer, at=noon)
    actions.retire(Value.objects.get(), on=noon.date(), by=officer, at=noon)

    with pytest.raises(actions.NotInList):
        actions.check("missing", ["photo"])
    actions.check("never_filled", ["photo"])


def test_tags_are_made_once_and_brought_back_from_retirement(officer: User, noon: datetime) -> None:
    actions.ensure_tags("case", {"urgent": "Urgent"}, by=officer, at=noon)
    Tag.objects.update(retired_on=noon.date())
    actions.ensure_tags("case", {"urgent": "Very urgent"}, by=officer, at=noon)

    tag = Tag.objects.get()
    assert (tag.label, tag.retired_on, tag.system) == ("Very urgent", None, False)
    actions.check_tags("case", services=["blue_badge"], set=["urgent"], remove=[])
