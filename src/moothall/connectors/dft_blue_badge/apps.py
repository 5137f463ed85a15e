from django.apps import AppConfig


class DftBlueBadgeConfig(AppConfig):
    name = "moothall.connectors.dft_blue_badge"
    label = "dft_blue_badge"

    def ready(self) -> None:
        """Register how its applications become cases, what can be told to the service, and what is checked before."""
        from moothall.connectors.dft_blue_badge import checking, intake, operations, register  # noqa: F401 - registers its hooks
        from moothall.connectors.dft_blue_badge.answers_said import ORDER, WORDS
        from moothall.domain.cases import answer_words
        from moothall.domain.exchange import registers

        registers.add(register.Badges())
        answer_words.add(WORDS, ORDER)
        intake.register()
        operations.register()
