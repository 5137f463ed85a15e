from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "moothall.domain.notifications"
    label = "notifications"
