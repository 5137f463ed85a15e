from django.apps import AppConfig


class Pay360ScpConfig(AppConfig):
    name = "moothall.connectors.pay360_scp"
    label = "pay360_scp"

    def ready(self) -> None:
        """Register it as a way to take money."""
        from moothall.connectors.pay360_scp import KEY, NAME
        from moothall.connectors.pay360_scp.provider import Portal
        from moothall.domain.exchange import operations
        from moothall.domain.payments import providers

        provider = Portal()
        providers.register(provider)
        operations.used_when(KEY, provider.connected)
        operations.called(KEY, NAME)
