"""What the connector is called where people read it."""

import pytest

from moothall.connectors.dft_blue_badge import KEY
from moothall.domain.exchange.actions.connectors import ensure_connector


@pytest.mark.django_db
def test_the_connector_is_called_what_people_call_it() -> None:
    assert ensure_connector(KEY).name == "DfT Blue Badge service"
    assert ensure_connector("another_one").name == "Another one"
