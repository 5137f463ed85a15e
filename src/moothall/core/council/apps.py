from django.apps import AppConfig


class CouncilConfig(AppConfig):
    name = "moothall.core.council"
    label = "council"
