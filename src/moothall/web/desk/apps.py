from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "moothall.web.desk"
    label = "desk"
