"""Where replies to the mails of a program go."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0007_evidence_files_and_batches'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalprogram',
            name='reply_to',
            field=models.EmailField(blank=True, max_length=254, verbose_name='replies go to'),
        ),
        migrations.AddField(
            model_name='program',
            name='reply_to',
            field=models.EmailField(blank=True, max_length=254, verbose_name='replies go to'),
        ),
    ]
