from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "moothall.core.audit"
    label = "audit"
