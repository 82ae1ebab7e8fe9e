import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
<<<<<<<< HEAD:reviews/migrations/0006_earlier_facilitators.py
        ('reviews', '0005_first_opinions'),
========
        ('reviews', '0004_spot_checks'),
>>>>>>>> w-palette:reviews/migrations/0005_earlier_facilitators.py
    ]

    operations = [
        migrations.AddField(
            model_name=model,
            name='earlier_facilitators',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None),
        )
        for model in ('historicalmediation', 'mediation')
    ]
