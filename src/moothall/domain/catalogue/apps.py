from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "moothall.domain.catalogue"
    label = "catalogue"
