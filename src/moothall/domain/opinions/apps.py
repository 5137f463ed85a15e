from django.apps import AppConfig


class OpinionsConfig(AppConfig):
    name = "moothall.domain.opinions"
    label = "opinions"

    def ready(self) -> None:
        """Let e-mails say the links they are kept without, and refusals be shown."""
        from moothall.domain.cases import refusals
        from moothall.domain.opinions import composing  # noqa: F401
        from moothall.domain.opinions.rules import OpinionRefused

        refusals.add(OpinionRefused)
