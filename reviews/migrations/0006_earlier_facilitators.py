import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reviews', '0005_first_opinions'),
    ]

    operations = [
        migrations.AddField(
            model_name=model,
            name='earlier_facilitators',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None),
        )
        for model in ('historicalmediation', 'mediation')
    ]
