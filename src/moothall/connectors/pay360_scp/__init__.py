"""Pay360's Secure Card Portal, simple client: card payments by SOAP. Contract: its published WSDL, SOAP 1.1."""

KEY = "pay360_scp"
"""The key of this connector on the integration queue, and of this way to pay."""

NAME = "Pay360"
