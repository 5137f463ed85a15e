"""A council in which something stands on every page of the desk, and the address at which each page shows it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.test import Client
from django.utils import timezone
from tests.cases.test_prefilling import SAID
from tests.cases.test_returned import letter
from tests.desk.council import ADDRESS, open_case
from tests.desk.test_digest import undelivered
from tests.desk.test_duplicates import EVIDENCE
from tests.desk.test_workflow import at_stage, here
from tests.documents.conftest import pdf, picture
from tests.exchange.press import ORDER, Order
from tests.places.gazetteer import place, remake, street

from moothall.connectors.dft_blue_badge import KEY, record, search
from moothall.core.accounts import absence
from moothall.core.accounts.models import Absence, User
from moothall.core.council import settings as council
from moothall.core.lists.models import Value
from moothall.domain.cases import (
    actions,
    assigning,
    batches,
    clock,
    intending,
    linking,
    progress,
    refunding,
    returned,
    timeline,
)
from moothall.domain.cases.models import Batch, BatchLine, Case, QualityCheck, TimelineEntry
from moothall.domain.catalogue import form_studio, letters
from moothall.domain.catalogue.models import Service
from moothall.domain.citizens import linking as accounts
from moothall.domain.citizens.models import Account, DetailChange, OnlineMessage
from moothall.domain.exchange import actions as exchange
from moothall.domain.exchange import dealing, operations
from moothall.domain.exchange.models import Lookup
from moothall.domain.forms.models import FormVersion
from moothall.domain.forms.studio import edits, sketches
from moothall.domain.messages import templates
from moothall.domain.messages.models import Message, Returned
from moothall.domain.opinions import answering, asking
from moothall.domain.payments.models import Reckoning, Stray
from moothall.domain.payments.settings import Payments
from moothall.domain.people import actions as people
from moothall.domain.people import doubts, flags, needs, organisations, relationships
from moothall.domain.people.details import AddressLines
from moothall.domain.people.golden import following, merging
from moothall.domain.people.models import (
    Call,
    EarlierDealing,
    Flag,
    Import,
    ImportColumns,
    ImportRow,
    Pair,
    WebAccount,
)
from moothall.domain.places import notes
from moothall.domain.places.models import Supply
from moothall.web.desk import dashboards, typed
from moothall.web.desk.models import DashboardTile, WorkView

Given = dict[str, Any]
FOREIGN = {
    "badgeNumber": "KKKKK7",
    "name": "Bertram Elsewhere",
    "postCode": "EX1 2AB",
    "localAuthorityShortCode": "BIRM",
    "statusCode": "ISSUED",
    "expiryDate": "2027-01-31",
}


def prepare(service: Service, *, officer: User, all_rights: User, signed_in: Client, at: datetime) -> dict[str, Given]:
    """Make it all; returns for each page of the desk what its address names. The key "" holds for every other page."""
    case = open_case(service, at=at, by=all_rights)
    Case.objects.filter(pk=case.pk).update(submitted=SAID)
    mine = {"service": service, "type": "renewal", "source": "online", "customer": case.customer}
    later = actions.open_case(**mine, by=officer, at=at)
    twin = open_case(service, at=at, by=officer)
    linking.link_cases(case, twin, why="Same household", by=officer, at=at)
    actions.tag_case(case, set=["terminal_illness"], by=officer, at=at)
    actions.add_note(case, text="Beware of the dog.", important=True, tell=[all_rights], by=officer, at=at)
    item = here(case)
    pause = clock.pause(item, category="other", reason="The applicant is away.", by=officer, at=at)
    given = {
        "": {"reference": case.reference, "item_id": item.pk, "run_id": item.run_id, "customer_id": case.customer_id},
        "case_earlier": {"reference": later.reference, "other_reference": case.reference},
        "take_over": {"item_id": here(twin).pk},
        "resume_clock": {"pause_id": pause.pk},
        "case_unlink": {"other_reference": twin.reference},
        "outcome": {"outcome_id": "out_of_area"},
        "service_form": {"key": "blue_badge.apply"},
    }
    for part in (_papers, _payments, _letters, _ended, _checks, _queue):
        given |= part(service, case, officer=officer, at=at)
    given |= _to_do(case, by=officer, at=at)
    given |= _customers(case, by=officer, at=at)
    given |= _places(case, by=officer, at=at)
    given |= _typed(case, by=all_rights)
    given |= _imports(by=officer, at=at)
    given |= _templates(by=all_rights, at=at)
    given |= _opinions(case, of=all_rights, by=officer, at=at)
    given |= _team(case, officer=officer, supervisor=all_rights, at=at)
    given |= _dashboards(by=all_rights, at=at)
    given |= _studio(by=all_rights, at=at)
    return given | _searches(signed_in, by=all_rights, at=timezone.now())


def _papers(_service: Service, case: Case, *, officer: User, at: datetime) -> dict[str, Given]:
    files = {"me.png": picture("PNG", (300, 400)), "letter.pdf": pdf()}
    photo, letter = (
        actions.add_document(case, name=name, content=content, origin="officer", by=officer, at=at)
        for name, content in files.items()
    )
    one = {"document_id": photo.pk}
    away = {"missing": "proof.pdf", "artifact": 0, "type": "PROOF_ID"}
    timeline.write(case, kind="document", text="The proof “proof.pdf” is not here.", by=officer, at=at, **away)
    return {
        "another_copy": {"line_id": dealing.missing_files(TimelineEntry.objects.filter(case=case)).get().pk},
        "case_document": one,
        "case_document_tags": one,
        "case_document_delete": one,
        "compare_documents": {"?": f"document={photo.pk}&document={letter.pk}"},
    }


def _payments(_service: Service, case: Case, *, officer: User, at: datetime) -> dict[str, Given]:
    waits = actions.request_payment(case, pence=1000, purpose="Badge", by=officer, at=at)
    came = actions.record_payment(case, pence=1000, method="card", purpose="Badge", by=officer, at=at)
    council.write(Payments(second_officer_over_pence=100), by=officer, at=at)
    refund = refunding.ask(case, came, pence=400, reason="Paid too much", by=officer, at=at)
    council.write(Payments(), by=officer, at=at)
    row = {"provider": "govuk_pay", "provider_id": "hu20sqlact5260q2nanm0q8u93", "pence": 1200}
    stray = Stray.objects.create(**row, reference="GW-000001", taken_at=at, found_at=at)
    line = {"what": "not_here", "provider_id": stray.provider_id, "reference": "GW-000001", "theirs": 1200, "ours": 0}
    theirs = {"theirs": 1, "theirs_pence": 1200, "theirs_returned": 0, "ours": 0, "ours_pence": 0, "ours_returned": 0}
    day = {"provider": "govuk_pay", "day": at.date(), "at": at, "differences": [line], "differing": 1}
    return {
        "case_payment_agree": {"payment_id": came.pk, "refund_id": refund.pk},
        "stray": {"stray_id": stray.pk},
        "reckoned": {"reckoning_id": Reckoning.objects.create(**day, **theirs).pk},
        "case_payment_receive": {"payment_id": waits.pk},
        "case_payment_cancel": {"payment_id": waits.pk},
        "case_payment_refund": {"payment_id": came.pk},
    }


def _letters(service: Service, case: Case, *, officer: User, at: datetime) -> dict[str, Given]:
    asked = open_case(service, at=at, last_name="Missing")
    item = at_stage(asked, "missing_information", by=officer, at=at)
    progress.choose(item, "ask", by=officer, at=at, answers={"missing": ["photograph"]})
    request = {"reference": asked.reference, "number": asked.requests.get().number}
    sent, back = (letter(asked, by=officer, at=at) for _ in range(2))
    returned.came_back(back, reason=Returned.WhyReturned.GONE_AWAY, on=at.date(), by=officer, at=at)
    [home] = doubts.of(asked.customer)
    undelivered(case, by=officer, at=at)
    failed = Message.objects.latest("pk")
    return {
        "request_received": request,
        "cancel_request": request,
        "message": {"reference": asked.reference, "message_id": back.pk},
        "message_returned": {"reference": asked.reference, "message_id": sent.pk},
        "address_right": {"customer_id": asked.customer_id, "residence_id": home.pk},
        "digest_deal": {"kind": "message", "row_id": failed.pk},
        "digest_section": {"kind": "messages"},
    }


def _ended(service: Service, _case: Case, *, officer: User, at: datetime) -> dict[str, Given]:
    ended = open_case(service, at=at, last_name="Ended")
    item = here(ended)
    progress.choose(item, "out_of_area", by=officer, at=at, note="They moved to another council.")
    return {"reopen_run": {"reference": ended.reference, "run_id": item.run_id}}


def _checks(service: Service, _case: Case, *, officer: User, at: datetime) -> dict[str, Given]:
    refused, ill = (open_case(service, at=at, last_name=name) for name in ("Refused", "Unwell"))
    actions.tag_case(ill, set=["terminal_illness"], by=officer, at=at)
    reason = Value.objects.filter(list__key="blue_badge.refusal_reasons").values_list("key", flat=True)[0]
    for one in (refused, ill):
        item = at_stage(one, "refusal", by=officer, at=at)
        chosen = progress.choose(
            item, "refuse", by=officer, at=at, answers={"refusal_reasons": [reason]}, note="Walks well."
        )
        if one == refused:
            drawn = {"groups": ["blue_badge_managers"], "drawn_at": at, "decided_by": officer}
            check = QualityCheck.objects.get_or_create(item=item, defaults=drawn)[0]
    assert chosen.proposal is not None
    return {"proposal": {"proposal_id": chosen.proposal.pk}, "quality_check": {"check_id": check.pk}}


def _queue(_service: Service, case: Case, *, officer: User, at: datetime) -> dict[str, Given]:
    operations.register(Order("http://127.0.0.1:1"))
    order = exchange.queue(case, ORDER, by=officer, at=at)
    one, connector = {"item_id": order.pk}, {"key": order.connector.key}
    return {
        "queue_item": one,
        "queue_edit": one,
        "queue_act": {**one, "verb": "pause"},
        "queue_act_case": {"verb": "pause"},
        "connector_pause": connector,
        "connector_cancel": connector,
    }


def _to_do(case: Case, *, by: User, at: datetime) -> dict[str, Given]:
    """Something open, long overdue as `at` is, and what it followed."""
    plan = intending.Plan(text="Ring the applicant about the photograph", type="call", due=at.date(), user=by)
    first = intending.add(case, plan, by=by, at=at)
    then = replace(plan, text="Look whether the new photograph came", type="check")
    intending.complete(first, note="She sends another one.", then=then, by=by, at=at)
    one = {"intention_id": first.followed_by.get().pk}
    return {
        **dict.fromkeys(("to_do_change", "to_do_complete", "to_do_withdraw"), one),
        "to_do": {"?": "tab=all"},
        "to_do_many": {"?": f"do=assign&item={one['intention_id']}"},
    }


def _customers(case: Case, *, by: User, at: datetime) -> dict[str, Given]:
    badge = people.set_reference(case.customer, type="badge_number", number="AB12CD", status="issued", by=by, at=at)
    club = people.create_organisation(people.OrganisationDetails(name="Sample Day Club"), by=by, at=at)
    organisations.add_vehicle(club, "AB12 CDE", description="Minibus", by=by, at=at)
    organisations.add_site(club, ADDRESS, by=by, at=at)
    tie = relationships.relate(case.customer, club, kind="works_for", by=by, at=at)
    one, other, third = (
        people.create_person(people.PersonDetails(first_names=name, last_name="Twice"), by=by, at=at)
        for name in ("Alma", "Almut", "Elma")
    )
    told = {"probability": 0.987, "model": "people-1", "found_at": at, "evidence": EVIDENCE}
    pair = Pair.objects.create(first=one, second=other, **told)
    merge = merging.merge(one, third, chosen=[], reason="Saw both passports.", by=by, at=at)
    supply = Supply.objects.create(
        format="dtf",
        full=True,
        custodian=9999,
        processed_on=at.date(),
        files=[{"name": "full.csv"}],
        total_bytes=1_000,
        begun_at=at,
        told_at=at,
        by=by,
        state="refused",
        why="full.csv, line 7: the file ends within a line.",
    )
    value = {"key": "contact_types", "value": "email"}
    flag = {"flag_id": flags.set_flag(case.customer, type="dog", said="Two large dogs.", by=by, at=at).pk}
    Flag.objects.update(review_on=at.date())
    before = {"source": "Old CRM", "number": "C1", "kind": "case", "subject": "Missed bin", "service": case.service.key}
    EarlierDealing.objects.create(customer=case.customer, on=at.date(), text="Rang.", carried_at=at, **before)
    WebAccount.objects.create(customer=case.customer, email="alma@example.org", carried_at=at)
    renamed = {"changes": {"name": "Sample Social Club"}, "reason": "Resolved in May."}
    organisations.change(club, version=organisations.version_of(club), by=by, at=at, **renamed)
    needs.set_need(case.customer, kind="large_print", said="18 point", by=by, at=at)
    said = {"channel": "email", "purpose": "surveys", "agreed": False, "how": "On the telephone"}
    refused = needs.set_preference(case.customer, **said, by=by, at=at)
    return {
        "customer_flag_review": flag,
        "customer_flag_end": flag,
        "customer_withdraw": {"row_id": refused.pk},
        "customer_correct": {"row_id": case.customer.contact_details.all()[0].pk},
        "customer_badge": {"reference_id": badge.pk},
        "customer_verify": {"row_id": case.customer.contact_details.all()[0].pk},
        **dict.fromkeys(("list", "list_add", "list_change", "list_retire", "list_bring_back"), value),
        "details_decide": {"change_id": _asked_online(case, at=at).pk},
        "duplicate": {"pair_id": pair.pk},
        "customer_merge_with": {"other_id": pair.second_id},
        "merge": {"merge_id": merge.pk},
        "gazetteer_supply": {"supply_id": supply.pk},
        "customer_end": {"what": "relationship", "row_id": tie.pk},
        "create_premises": {"customer_id": club.pk},
        "customer_site": {"customer_id": club.pk},
        "customer_vehicle": {"customer_id": club.pk},
    }


def _asked_online(case: Case, *, at: datetime) -> DetailChange:
    """The customer follows the case online, wrote about it, and asks for another name."""
    account = Account.objects.create(email="alma@example.org", created_at=at)
    accounts.tie(account, case.customer, how=Account.Tied.CASE, at=at)
    OnlineMessage.objects.create(case=case, account=account, text="When will it come?", at=at, once=uuid4())
    return DetailChange.objects.create(
        account=account, customer=case.customer, facts={"last_name": "Newname"}, words="I married.", asked_at=at
    )


def _imports(*, by: User, at: datetime) -> dict[str, Given]:
    """One that waits for its columns and one that was tried, and a system that is told of changes."""
    said = {"stored": True, "digest": "", "begun_at": at, "phase_at": at, "told_at": at, "by": by}
    shape = {"kind": "csv", "encoding": "cp1252", "delimiter": ";", "sheet": "", "sheets": 1}
    options = {"dates": "dmy", "known": "fill", "likely": "hold", "match": False}
    headings = ["Surname", "A heading that is much longer than what stands in its column", "Telephone"]
    file = {"name": "people-of-the-old-system.csv", "shape": shape, "headings": headings, "options": options}
    waits, tried = (Import.objects.create(**file, **said, path="", state=state) for state in ("checked", "checked"))
    Import.objects.filter(pk=tried.pk).update(
        counts={"refused": 1, "new": 2}, rows_read=3, columns={"Surname": "last_name"}
    )
    ImportRow.objects.create(importing=waits, number=2, cells=["Example", "something", "01632 960123"])
    ImportRow.objects.create(
        importing=tried, number=4, cells=[], outcome="refused", field="Surname", says="There is no last name."
    )
    ImportColumns.objects.create(name="Old records", columns={"Surname": "last_name"}, options=options, by=by, at=at)
    follower, _secret = following.add("Revenues", "https://revenues.example.org/changes", by=by, at=at)
    Call.objects.create(follower=follower, at=at, after=0, up_to=3, changes=3, problem="It did not answer in time.")
    return {
        "import": {"import_id": tried.pk},
        "import_rows": {"import_id": tried.pk},
        "import_columns": {"import_id": waits.pk},
        "follower": {"follower_id": follower.pk},
        "follower_remove": {"follower_id": follower.pk},
    }


def _places(case: Case, *, by: User, at: datetime) -> dict[str, Given]:
    street(2, "STATION ROAD", locality="OLDWICK")
    flat = {"pao_start_number": 3, "sao_text": "FLAT", "postcode": "ZZ1 0AC"}
    place(13, 2, pao_start_number=3, classification="PP", postcode="ZZ1 0AC")
    place(14, 2, sao_start_number=1, parent_uprn=13, **flat)
    with transaction.atomic():
        remake()
    home = AddressLines(line1="Flat 1, 3 Station Road", town="Northam", postcode="ZZ1 0AC", uprn="14")
    people.set_address(case.customer, home, from_date=at.date(), to_date=None, by=by, at=at)
    said = {"text": "The bell does not ring.", "review_on": None, "by": by, "at": at}
    note = notes.make(uprn="14", warning=True, **said)
    notes.make(usrn=2, warning=False, **said)
    there, around = {"uprn": "14"}, {"usrn": 2}
    return {
        "place": there,
        "place_note": there,
        "street": around,
        "street_note": around,
        "place_note_end": {"note_id": note.pk},
        "place_note_review": {"note_id": note.pk},
    }


def _templates(*, by: User, at: datetime) -> dict[str, Given]:
    """A letter changed by hand, of which there are versions to compare."""
    key = "blue_badge.missing_information"
    letter, now = letters.find(key, by=by), templates.in_force(key, "en")
    text = templates.says(now)
    changed = text.model_copy(update={"subject": "What we decided", "body": f"{text.body}\n<p>Keep this letter.</p>"})
    made = letters.change(letter, changed, on=now.number, by=by, at=at)
    one = {"key": key, "language": "en"}
    return {
        "template": one,
        "template_text": one,
        "template_file": one,
        "template_history": one,
        "template_version": {**one, "number": now.number},
        "template_compare": {**one, "?": f"old={now.number}&new={made.number}"},
    }


def _opinions(case: Case, *, of: User, by: User, at: datetime) -> dict[str, Given]:
    question = asking.Question(text="How does the applicant walk?", days=30)
    asked = asking.ask(case, asking.Asked(colleague=of), question, by=by, at=timezone.now())
    answering.keep(
        asked, answering.Said(answer="With a stick.", recommendation="", answers={}), by=of, at=timezone.now()
    )
    number, opinion = {"number": asked.number}, {"opinion_id": asked.pk}
    return {
        "opinion": number,
        "opinion_anew": number,
        "withdraw_opinion": number,
        "ask_opinion": {"kind": "mobility"},
        "answer_opinion": opinion,
        "review_opinion": opinion,
        "decline_opinion": opinion,
    }


def _team(case: Case, *, officer: User, supervisor: User, at: datetime) -> dict[str, Given]:
    today = timezone.localdate()
    absence.record(
        officer, first_day=today, last_day=today + timedelta(days=30), reason=Absence.WhyAway.LEAVE, cover=supervisor,
        by=officer, at=at,
    )  # fmt: skip
    view = WorkView.objects.create(user=supervisor, name="All of it", query="tab=all", made_at=at)
    item = here(case)
    assigning.release(item, by=supervisor, at=at)
    lines = [BatchLine(case=case, item=item, to=supervisor, seen=here(case).version)]
    batch = batches.begin(Batch.Kind.ASSIGN, lines, key=uuid4(), by=supervisor, at=at)
    batches.work_through(batch.pk)
    return {
        "work": {"?": "tab=all"},
        "work_many": {"?": f"do=assign&item={item.pk}"},
        "work_view": {"view_id": view.pk},
        "work_batch": {"batch_id": batch.pk},
        "team_member": {"user_id": officer.pk},
        "team_leave": {"user_id": officer.pk},
    }


def _dashboards(*, by: User, at: datetime) -> dict[str, Given]:
    """One with a tile of each kind; pages of a tile show the last."""
    made = dashboards.make(dashboards.About(name="All of it"), by=by, at=at)
    for kind in DashboardTile.Kind:
        figure = dashboards.Figure(title=f"As {kind.label}", kind=kind, query="tab=all&sort=target")
        tile = dashboards.add_tile(made, figure, key=uuid4(), by=by, at=at)
    one = {"dashboard_id": made.pk}
    return {
        "dashboard": one | {"?": "whole=1"},
        **dict.fromkeys(("dashboard_change", "dashboard_remove", "tile_add"), one),
        **dict.fromkeys(("tile", "tile_change", "tile_remove"), one | {"tile_id": tile.pk}),
    }


def _studio(*, by: User, at: datetime) -> dict[str, Given]:
    """A form in the studio with a change, a fault, a group and a table."""
    version = FormVersion.objects.filter(form__key="blue_badge.apply").latest("number")
    written = form_studio.as_written(Service.objects.get(key="blue_badge"), version)
    sketch = sketches.begin("blue_badge", written, begun_from=version, said="Copied.", by=by, at=at)
    question = {"id": "colour", "label": "Colour", "type": "choice", "when": "signed_in == true"}
    cells = {"key": "price", "gives": "money", "inputs": [{"name": "officer", "from": "officer", "type": "yes_no"}]}
    form = edits.add(written, ("pages", 1, "questions"), question, at=0)
    form = edits.add(form, ("tables",), {**cells, "rows": [{"when": [True], "gives": 10}]})
    sketches.change(sketch, form, on=1, said="Added “Colour”.", by=by, at=at)
    sound = sketches.begin("blue_badge", written, begun_from=version, said="Copied.", by=by, at=at)
    one, walked = {"sketch_id": sketch.pk}, {"sketch_id": sound.pk}
    pages = ("form", "about", "history", "undo", "file", "take", "put_away", "rest", "flow", "drawn", "test", "publish")
    return {
        **{f"studio_{page}": one for page in pages},
        "studio_part": one | {"where": "pages.1.questions.0"},
        "studio_choose": one | {"where": "pages.1.questions"},
        "studio_add": one | {"where": "tables", "kind": "table"},
        "studio_condition": one | {"where": "pages.1.questions.0.when", "?": "about=signed_in"},
        "studio_preview": walked,
    }


def _typed(case: Case, *, by: User) -> dict[str, Given]:
    note = f"/desk/cases/{case.reference}/notes/"
    words = [("text", "She rang about her badge.")]
    kept = typed.keep(by, path=note, page=note, given=words, pressed=False, at=timezone.now())
    assert kept is not None
    return {"typed": {"typed_id": kept.pk}}


def _searches(signed_in: Client, *, by: User, at: datetime) -> dict[str, Given]:
    """What was looked for is kept in the session of who looked."""
    found = signed_in.post("/desk/search/", {"q": "madeup"})["Location"].split("/")[3]
    connector = exchange.ensure_connector(KEY, name="National service")
    Lookup.objects.create(
        connector=connector, kind=search.KIND, asked={"number": "KKKKK7"}, found=[FOREIGN], at=at, by=by
    )
    held = {
        "badgeNumber": "AB12CD",
        "statusCode": "ISSUED",
    }  # known, so that no script asks while the page is looked at
    Lookup.objects.create(connector=connector, kind=record.KIND, asked={"number": "AB12CD"}, found=held, at=at, by=by)
    given = {"reason": "Closed.", "until": "2020-01-01T00:00:00+00:00"}
    cancelled = signed_in.post(f"/desk/connectors/{KEY}/cancel/", given)["Location"].split("/")[5]
    asked = signed_in.post("/desk/national/", {"number": "KKKKK7"})["Location"].split("/")[3]
    return {
        "found": {"key": found},
        "connector_cancelled": {"key": KEY, "results": cancelled},
        "national_found": {"key": asked},
        "national_import": {"key": asked, "row": 1},
    }
