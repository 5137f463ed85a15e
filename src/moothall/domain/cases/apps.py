from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "moothall.domain.cases"
    label = "cases"
