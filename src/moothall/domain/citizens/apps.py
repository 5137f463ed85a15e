from django.apps import AppConfig


class CitizensConfig(AppConfig):
    name = "moothall.domain.citizens"
    label = "citizens"
