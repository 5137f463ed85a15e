"""The named permissions a security group is made of, in five areas (CT-90)."""

from enum import StrEnum


class Permission(StrEnum):
    """One thing a person may do. A new security group has none."""

    SIGN_IN = "application.sign_in"
    API = "application.api"

    MANAGE_USERS = "administration.users"
    MANAGE_GROUPS = "administration.groups"
    MANAGE_SERVICES = "administration.services"
    MANAGE_CONNECTORS = "administration.connectors"
    VIEW_AUDIT = "administration.audit"
    MANAGE_LISTS = "lists.manage"
    IMPORT_GAZETTEER = "gazetteer.import"

    VIEW_CASES = "case.view"
    OPEN_CASES = "case.open"
    EDIT_CASES = "case.edit"
    EXPORT_CASES = "case.export"
    VIEW_SUBMISSION = "case.submission.view"
    VIEW_TIMELINE = "case.timeline.view"
    VIEW_DOCUMENTS = "case.documents.view"
    ADD_DOCUMENTS = "case.documents.add"
    DELETE_DOCUMENTS = "case.documents.delete"
    VIEW_NOTES = "case.notes.view"
    ADD_NOTES = "case.notes.add"
    VIEW_PAYMENTS = "case.payments.view"
    VIEW_BADGE = "case.badge.view"
    RECORD_PAYMENTS = "case.payments.record"
    SEND_MESSAGES = "case.messages.send"
    ASK_APPLICANT = "case.requests.ask"
    VIEW_OPINIONS = "case.opinions.view"
    ASK_OPINIONS = "case.opinions.ask"
    VIEW_PEOPLE = "people.view"
    EDIT_PEOPLE = "people.edit"
    CORRECT_PEOPLE = "people.correct"
    VIEW_QUEUE = "case.queue.view"
    MANAGE_QUEUE = "case.queue.manage"
    SEARCH_NATIONALLY = "case.national_search"
    VIEW_ACCESSES = "case.accesses.view"

    VIEW_REPORTS = "reporting.view"

    VIEW_WORK = "workflow.view"
    START_WORKFLOWS = "workflow.start"
    SUPERVISE = "workflow.supervise"
    CONFIRM = "workflow.confirm"
    EXTEND_TARGETS = "workflow.extend"
    STEP_OUTSIDE = "workflow.step_outside"
    MOVE_VERSIONS = "workflow.move_versions"
