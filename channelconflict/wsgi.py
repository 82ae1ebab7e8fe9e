"""The web process's entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "channelconflict.settings")
application = get_wsgi_application()
_ = get_resolver().url_patterns  # every page is loaded now, not by the first request
# What is loaded stays: without this, each full collection goes through it again, which costs a page 70 ms.
gc.collect()
gc.freeze()
