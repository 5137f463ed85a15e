from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "moothall.core.lists"
    label = "lists"
