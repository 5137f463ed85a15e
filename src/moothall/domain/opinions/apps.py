from django.apps import AppConfig


class OpinionsConfig(AppConfig):
    name = "moothall.domain.opinions"
    label = "opinions"

    def ready(self) -> None:
        """Let e-mails say the links they are kept without."""
        from moothall.domain.opinions import composing  # noqa: F401
