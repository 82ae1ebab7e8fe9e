"""Case numbers come from a sequence: a count of visible rows would repeat numbers of rows that cannot be seen."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE reviews_case_number_seq START 2001; GRANT USAGE ON SEQUENCE reviews_case_number_seq TO staff;",
            "DROP SEQUENCE reviews_case_number_seq;",
        )
    ]
