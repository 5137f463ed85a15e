"""The WSGI application, for Granian or Gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from moothall.config import memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moothall.config.settings")
application = get_wsgi_application()
memory.settle()
