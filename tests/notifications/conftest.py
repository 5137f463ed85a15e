"""The mail server that takes or refuses."""

from tests.messages.conftest import mail_server as mail_server  # a fixture
