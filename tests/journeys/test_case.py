"""A case looked at in a real browser, tab by tab."""

from datetime import datetime

import pytest
from tests.desk.council import open_case
from tests.documents.conftest import pdf, picture
from tests.journeys.conftest import NARROWEST, WIDE, Check, OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.cases import actions
from moothall.domain.catalogue.models import Service
from moothall.domain.documents import pages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [WIDE, NARROWEST])
def test_every_tab_of_a_case_is_sound_and_a_picture_and_a_pdf_are_shown(
    width: int, open_page: OpenPage, sign_in: SignIn, sound: Check, officer: User, service: Service, noon: datetime
) -> None:
    case, other = open_case(service, at=noon, by=officer), open_case(service, at=noon)
    actions.link_cases(case, other, why="Same household", by=officer, at=noon)
    actions.add_note(case, text="Beware of the dog.", important=True, by=officer, at=noon)
    actions.record_payment(case, pence=1000, method="card", purpose="Badge", by=officer, at=noon)
    given = {"photo.png": picture("PNG", (400, 300)), "letter.pdf": pdf()}
    papers = [
        actions.add_document(case, name=name, content=content, origin="officer", by=officer, at=noon)
        for name, content in given.items()
    ]
    page = open_page(width=width)
    sign_in(page, officer)

    tabs = ["", "application/", "timeline/", "documents/", "notes/", "payments/", "payments/record/", "badge/", "link/"]
    for tab in [*tabs, f"documents/{papers[0].pk}/"]:
        page.goto(f"/desk/cases/{case.reference}/{tab}")
        sound(page)
    assert page.locator("img.app-preview").evaluate("image => image.naturalWidth") == 400
    shown = "picture/?page=1*" if pages.drawn() else "file/"
    with page.expect_response(f"**/documents/{papers[1].pk}/{shown}") as framed:
        page.goto(f"/desk/cases/{case.reference}/documents/{papers[1].pk}/")
    assert framed.value.status == 200
