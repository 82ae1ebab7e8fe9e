"""The trigram search is gone: partners.lookup and its searches (partners 0004) find accounts now."""

from importlib import import_module

from django.db import migrations

# Its setting is known only once the extension was used in the session.
BEFORE = "SELECT similarity('a', 'b');" + import_module("conflicts.migrations.0003_similar_names").SIMILAR


class Migration(migrations.Migration):
    dependencies = [("conflicts", "0003_similar_names"), ("partners", "0004_account_candidates")]
    operations = [migrations.RunSQL("DROP FUNCTION similar_account_names(text, integer);", BEFORE)]
