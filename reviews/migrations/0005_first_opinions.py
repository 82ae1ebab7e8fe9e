"""First opinions: what reviewers would do before the recommendation shows."""

import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conflicts', '0003_policy_moves'),
        ('partners', '0006_first_opinions'),
        ('reviews', '0004_spot_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FirstOpinion',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('action', models.CharField(choices=[('award', 'One gets the deal'), ('split', 'Split'), ('co_sell', 'Co-sell'), ('reject_all', 'Reject all'), ('unsure', 'Cannot tell')], max_length=30)),
                ('owner_direct', models.BooleanField(default=False)),
                ('letter', models.CharField(blank=True, max_length=5)),
                ('text', models.TextField(blank=True)),
                ('agreed', models.BooleanField(null=True)),
                ('said_at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='first_opinions', to='reviews.case')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='first_opinions', to='partners.partner')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program')),
                ('recommendation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='first_opinions', to='conflicts.recommendation')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='first_opinions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['program', '-said_at'], name='first_opinion_program_at')],
                'constraints': [models.UniqueConstraint(fields=('case', 'user'), name='first_opinion_once_a_person'), models.CheckConstraint(condition=models.Q(models.Q(('action', 'award'), ('owner__isnull', False), ('owner_direct', False)), models.Q(('action', 'award'), ('owner__isnull', True), ('owner_direct', True)), models.Q(models.Q(('action', 'award'), _negated=True), ('owner__isnull', True), ('owner_direct', False)), _connector='OR'), name='first_opinion_has_one_owner')],
            },
        ),
    ]
