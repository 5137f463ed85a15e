from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "moothall.domain.people"
    label = "people"
