"""More kinds of notices: what becomes of a protection."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reviews', '0002_case_number'),
    ]

    operations = [
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('approved', 'Approved'), ('shared', 'Shared'), ('support', 'Support role'), ('not_approved', 'Not approved'), ('information_wanted', 'Information wanted'), ('expiring', 'Protection ends soon'), ('renewed', 'Renewed'), ('expired', 'Protection ended'), ('looked_at_again', 'Looked at again'), ('extended', 'Extended'), ('not_extended', 'Not extended'), ('free_again', 'May be registered again')], max_length=30),
        ),
    ]
