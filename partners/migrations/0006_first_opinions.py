"""Which cases ask for a first opinion is the program's to say."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0005_territory_ground'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalprogram',
            name='opinion_high_impact',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='historicalprogram',
            name='opinion_share',
            field=models.PositiveSmallIntegerField(default=5),
        ),
        migrations.AddField(
            model_name='program',
            name='opinion_high_impact',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='program',
            name='opinion_share',
            field=models.PositiveSmallIntegerField(default=5),
        ),
    ]
