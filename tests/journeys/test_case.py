"""Documents of a case looked at in a real browser."""

from datetime import datetime

import pytest
from tests.desk.council import open_case
from tests.documents.conftest import pdf, picture
from tests.journeys.conftest import OpenPage, SignIn

from moothall.core.accounts.models import User
from moothall.domain.cases import actions
from moothall.domain.catalogue.models import Service
from moothall.domain.documents import pages

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_picture_and_a_pdf_are_shown_beside_the_case(
    open_page: OpenPage, sign_in: SignIn, officer: User, service: Service, noon: datetime
) -> None:
    case = open_case(service, at=noon, by=officer)
    given = {"photo.png": picture("PNG", (400, 300)), "letter.pdf": pdf()}
    papers = [
        actions.add_document(case, name=name, content=content, origin="officer", by=officer, at=noon)
        for name, content in given.items()
    ]
    page = open_page()
    sign_in(page, officer)
    page.goto(f"/desk/cases/{case.reference}/documents/{papers[0].pk}/")
    assert page.locator("img.app-preview").evaluate("image => image.naturalWidth") == 400
    shown = "picture/?page=1*" if pages.drawn() else "file/"
    with page.expect_response(f"**/documents/{papers[1].pk}/{shown}") as framed:
        page.goto(f"/desk/cases/{case.reference}/documents/{papers[1].pk}/")
    assert framed.value.status == 200
