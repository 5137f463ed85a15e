from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "moothall.domain.places"
    label = "places"
