from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "moothall.web.desk"
    label = "desk"

    def ready(self) -> None:
        """Have the views that somebody shared go along with their work when they leave."""
        from moothall.domain.cases import handing
        from moothall.web.desk import given

        handing.goes_along(given.views)
