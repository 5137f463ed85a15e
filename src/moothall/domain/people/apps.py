from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "moothall.domain.people"
    label = "people"

    def ready(self) -> None:
        """Declare the lists people's records are made of."""
        from moothall.domain.people import lists, models_search  # noqa: F401
