from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "moothall.core.accounts"
    label = "accounts"
