from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "moothall.domain.messages"
    label = "messages"
