"""How long a confirmed breach counts is the program's to say."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0018_settle_days'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalprogram',
            name='breach_days',
            field=models.PositiveSmallIntegerField(default=365),
        ),
        migrations.AddField(
            model_name='program',
            name='breach_days',
            field=models.PositiveSmallIntegerField(default=365),
        ),
    ]
