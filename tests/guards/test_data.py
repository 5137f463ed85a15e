"""Every field has a class and a time to go; every row that can change keeps its history."""

from typing import cast

import pytest
from django.apps import apps
from django.db.models import Model

from moothall.core.retention.rules import RulesFault, load

# Tables that are neither append-only nor keep their history, each with the reason.
WITHOUT_HISTORY = {
    "citizens.LinkedCase": "a link, made and undone; both are audit entries",
    "citizens.RecoveryCode": "used once; making them anew is an audit entry",
    "citizens.SentFile": "a link, made once",
    "citizens.Session": "begun and ended, both of which are audit entries; what else changes is when it was last used",
    "citizens.Ticket": "used once; what it leads to is an audit entry",
    "desk.Typed": "what is typed is kept a day at most, and its earlier wording is nobody's business",
    "accounts.ApiToken": "made, used and revoked; each is an audit entry, and what else changes is when it was last used",
    "accounts.SignInAttempt": "kept for a day, to slow down guessing",
    "api.StoredAnswer": "kept for two days, to answer a repeated request alike",
    "people.SearchLine": "made of rows whose history is kept, and made again from them",
    "cases.CaseDocument": "a link, made and removed with its document, whose history is kept",
    "cases.CaseMessage": "a link, made once",
    "cases.CasePayment": "a link, made once",
    "cases.Demand": "written once, when the case opens",
    "cases.Pause": "ended once, which is an audit entry",
    "cases.Batch": "what was asked, made whole; what becomes of it are its lines",
    "cases.BatchLine": "done once, which is an audit entry of the case",
    "cases.ChecklistTick": "made or taken away, each of which is an audit entry",
    "cases.Mention": "written once, with its note",
    "places.Area": "a name from a published list; loading one is an audit entry",
    "places.Boundary": "from a published file, or drawn around properties; loading and drawing are audit entries",
    "places.CrossReference": "its history are the supplies it came by, whose files the council keeps",
    "places.DeliveryPoint": "its history are the supplies it came by, whose files the council keeps",
    "places.Identifier": "its history are the supplies it came by, whose files the council keeps",
    "places.LookupLine": "made of the gazetteer, and made anew with it",
    "places.LookupStreet": "made of the gazetteer, and made anew with it",
    "places.LookupWord": "made of the gazetteer, and made anew with it",
    "places.Property": "its history are the supplies it came by, whose files the council keeps",
    "places.PropertyClass": "its history are the supplies it came by, whose files the council keeps",
    "places.PropertyOrganisation": "its history are the supplies it came by, whose files the council keeps",
    "places.Street": "its history are the supplies it came by, whose files the council keeps",
    "places.StreetDescriptor": "its history are the supplies it came by, whose files the council keeps",
    "places.Successor": "its history are the supplies it came by, whose files the council keeps",
    "places.PlaceNote": "made, looked at again and ended, each of which is an audit entry",
    "places.Supply": "how far an import is; its beginning and its end are audit entries",
    "places.Reject": "written once, with its supply",
    "cases.NameChange": "there until the work lines say a new name; what has the name keeps its history",
    "cases.NotDuplicate": "a judgement, made once",
    "cases.RelatedCase": "a link, made and undone; both are audit entries",
    "cases.Run": "begun and ended once; what lies between is work items and audit entries",
    "cases.Submission": "kept as it came; its case or its problem is filled in once",
    "cases.WorkItem": "finished once, kept so by a constraint; what else changes is an audit entry",
    "cases.LineMark": "made of lines and answers, by triggers",
    "cases.RunValue": "made of answers whose history is kept, by triggers",
    "cases.RunWords": "made of answers whose history is kept, by triggers",
    "cases.WorkLine": "a copy for finding, kept by triggers; what it copies keeps its history",
    "catalogue.Service": "its versions are append-only, and putting one in force is an audit entry",
    "catalogue.ServiceVersion_workflows": "a link, made once",
    "desk.WorkColumns": "which columns somebody likes to see; only the present ones matter",
    "desk.WorkView": "an address somebody keeps under a name for themselves; only the present ones matter",
    "documents.Deletion": "written once, by the deletion itself",
    "exchange.Cursor": "how far a connector has read; only its present place matters",
    "exchange.Lookup": "an answer of another system; a newer one is a new row",
    "messages.ToPrint": "there until a letter is printed; the audit record says who printed it",
    "forms.Form": "its versions are append-only, and a notice instead of it is an audit entry",
    "forms.Sketch": "its revisions are append-only, and putting it away is an audit entry",
    "forms.Draft": "what is not sent yet; it is sent, or forgotten, and its earlier wording is nobody's business",
    "forms.Submission": "kept as it was sent; that it was let in from the waiting list is an audit entry",
    "forms.Abandoned": "a count, of nobody in particular",
    "forms.Booking": "written once, with its submission",
    "forms.Upload": "a link; it goes from a draft to its submission once",
    "forms.Delivery": "done once; how often it was tried is counted",
    "lists.List": "a key and a name; its values keep their history",
    "notifications.ByEmail": "a choice of one's own, which is an audit entry",
    "notifications.Notification": "written once, and read once by who was told",
    "people.Change": "written by triggers, and given its place in the order once",
    "people.Call": "written once, with what was answered",
    "people.Follower": "how far a system was told; what else changes of it is an audit entry",
    "people.Import": "how far an import is; what is done with it are audit entries",
    "people.ImportColumns": "columns kept under a name, which is an audit entry; only the present ones matter",
    "people.ImportKey": "written with its row, to find it again",
    "people.ImportRow": "as it came in a file, and what became of it; what it changed keeps its history",
    "people.LinkRun": "how far a search for duplicates is; only its present place matters",
    "people.Merge": "made once and undone once, both of which are audit entries",
    "people.MergedRow": "written once, with its merge",
    "people.Pair": "what was decided of two is an audit entry of each",
    "messages.Message": "a sent text is kept so by a trigger; an edit before that is an audit entry",
    "messages.Template": "a key; its versions are append-only",
    "opinions.OpinionCode": "used once; what else changes is how often it was tried",
    "opinions.OpinionDocument": "a link; what becomes of it is an audit entry of its opinion",
    "opinions.OpinionMessage": "a link, made once",
    "places.Address": "an address never changes: another is another row",
    "workflow.Workflow": "a key; its versions are append-only",
}


def ours() -> list[type[Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("moothall.") and not hasattr(model, "pgh_tracked_model")
    ]


def label(model: type[Model]) -> str:
    return cast(str, model._meta.label)


@pytest.mark.parametrize("model", ours(), ids=label)
def test_every_field_of_a_table_has_one_class_and_the_table_a_period(model: type[Model]) -> None:
    rules = load()
    fields = {field.name for field in model._meta.concrete_fields}

    assert rules.period_of(label(model)).because
    rule = rules.models[label(model)]
    assert fields - rule.fields == set(), "has no class in rules.yaml"
    assert rule.fields - fields == set(), "is in rules.yaml, and no field any more"


def test_no_rule_is_about_a_table_that_is_gone() -> None:
    assert load().models.keys() - {label(model) for model in ours()} == set()


def test_personal_data_is_never_kept_for_ever() -> None:
    rules = load()
    for_ever = [
        name
        for name, rule in rules.models.items()
        if rule.personal | rule.sensitive and rules.periods[rule.period].years is None
    ]
    assert for_ever == []


def test_a_field_without_a_class_is_refused_with_its_name() -> None:
    with pytest.raises(RulesFault, match="shoe_size has no class"):
        load().models["people.Person"].class_of("shoe_size")
    assert load().models["people.Person"].class_of("nino") == "personal"
    assert load().models["cases.Note"].class_of("text") == "sensitive"


def test_a_row_that_can_change_keeps_its_history_and_one_that_cannot_is_kept_so_by_the_database() -> None:
    tracked = {model.pgh_tracked_model for model in apps.get_models() if hasattr(model, "pgh_tracked_model")}
    unkept = {
        label(model)
        for model in ours()
        if model not in tracked
        and not any(trigger.name == "append_only" for trigger in getattr(model._meta, "triggers", []))
    }
    assert unkept - WITHOUT_HISTORY.keys() == set(), "neither keeps history nor is append-only, and no reason is given"
    assert WITHOUT_HISTORY.keys() - unkept == set(), "has a reason it no longer needs"
