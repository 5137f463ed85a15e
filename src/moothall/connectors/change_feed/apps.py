from django.apps import AppConfig


class ChangeFeedConfig(AppConfig):
    name = "moothall.connectors.change_feed"
    label = "change_feed"
