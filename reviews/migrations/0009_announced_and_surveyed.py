"""Changes of the rules that partners acknowledge, and what parties say of how they were handled."""

import django.db.models.deletion
import simple_history.models
import uuid
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conflicts', '0003_policy_moves'),
        ('partners', '0009_my_company'),
        ('reviews', '0008_sendings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalSurvey',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid_utils.compat.uuid7, editable=False)),
                ('outcome', models.CharField(choices=[('approved', 'Approved'), ('not_approved', 'Not approved'), ('shared', 'Shared')], max_length=20)),
                ('score', models.PositiveSmallIntegerField()),
                ('text', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField()),
                ('answered_by_id', models.UUIDField(editable=False)),
                ('history_id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical survey',
                'verbose_name_plural': 'historical surveys',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='PolicyAcknowledgement',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('acknowledged_at', models.DateTimeField()),
                ('acknowledged_by_id', models.UUIDField(editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='PolicyReminder',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField()),
                ('asked_by_id', models.UUIDField(editable=False)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('sent', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Survey',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('outcome', models.CharField(choices=[('approved', 'Approved'), ('not_approved', 'Not approved'), ('shared', 'Shared')], max_length=20)),
                ('score', models.PositiveSmallIntegerField()),
                ('text', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField()),
                ('answered_by_id', models.UUIDField(editable=False)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_of_one_thing',
        ),
        migrations.AddField(
            model_name='notice',
            name='policy',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='conflicts.policysummary'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('approved', 'Approved'), ('shared', 'Shared'), ('support', 'Support role'), ('not_approved', 'Not approved'), ('information_wanted', 'Information wanted'), ('expiring', 'Protection ends soon'), ('renewed', 'Renewed'), ('expired', 'Protection ended'), ('looked_at_again', 'Looked at again'), ('extended', 'Extended'), ('not_extended', 'Not extended'), ('free_again', 'May be registered again'), ('lead_offered', 'Lead offered'), ('lead_reminder', 'Lead waits for your answer'), ('lead_gone', 'Lead no longer offered'), ('appeal_answered', 'Appeal answered'), ('held', 'On hold'), ('hold_ended', 'Hold ended'), ('breach_recorded', 'Breach recorded'), ('breach_answered', 'Breach confirmed or dismissed'), ('asked_to_settle', 'Asked to settle'), ('in_mediation', 'In mediation'), ('proposed', 'A proposal to answer'), ('talk_reminder', 'A talk waits for you'), ('agreed', 'Agreed'), ('talk_ended', 'A talk has ended'), ('concern_answered', 'Concern answered'), ('information_reminder', 'Our question waits for you'), ('appeal_closes', 'Appeal ends soon'), ('rules_changed', 'The rules change')], max_length=30),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(models.Q(('breach__isnull', True), ('offer__isnull', True), ('registration__isnull', False)), models.Q(('breach__isnull', True), ('offer__isnull', False), ('registration__isnull', True), ('side__isnull', True)), models.Q(('breach__isnull', True), ('offer__isnull', True), ('registration__isnull', True), ('side__isnull', False)), models.Q(('breach__isnull', False), ('offer__isnull', True), ('registration__isnull', True), ('side__isnull', True)), _connector='OR'), ('policy__isnull', True)), models.Q(('breach__isnull', True), ('offer__isnull', True), ('policy__isnull', False), ('registration__isnull', True), ('side__isnull', True)), _connector='OR'), name='notice_of_one_thing'),
        ),
        migrations.AddField(
            model_name='historicalsurvey',
            name='history_user',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalsurvey',
            name='notice',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='reviews.notice'),
        ),
        migrations.AddField(
            model_name='historicalsurvey',
            name='partner',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='historicalsurvey',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.program'),
        ),
        migrations.AddField(
            model_name='historicalsurvey',
            name='registration',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.registration'),
        ),
        migrations.AddField(
            model_name='policyacknowledgement',
            name='partner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='policy_acknowledgements', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='policyacknowledgement',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='policyacknowledgement',
            name='summary',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acknowledgements', to='conflicts.policysummary'),
        ),
        migrations.AddField(
            model_name='policyreminder',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='policyreminder',
            name='summary',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='conflicts.policysummary'),
        ),
        migrations.AddField(
            model_name='survey',
            name='notice',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='survey', to='reviews.notice'),
        ),
        migrations.AddField(
            model_name='survey',
            name='partner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='surveys', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='survey',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='survey',
            name='registration',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='surveys', to='partners.registration'),
        ),
        migrations.AddIndex(
            model_name='policyacknowledgement',
            index=models.Index(fields=['partner', '-acknowledged_at'], name='policy_acknowledged_by'),
        ),
        migrations.AddConstraint(
            model_name='policyacknowledgement',
            constraint=models.UniqueConstraint(fields=('summary', 'partner'), name='policy_acknowledged_once'),
        ),
        migrations.AddIndex(
            model_name='policyreminder',
            index=models.Index(fields=['summary', '-asked_at'], name='policy_reminder_latest'),
        ),
        migrations.AddConstraint(
            model_name='policyreminder',
            constraint=models.UniqueConstraint(condition=models.Q(('sent_at__isnull', True)), fields=('summary',), name='one_open_policy_reminder'),
        ),
        migrations.AddIndex(
            model_name='survey',
            index=models.Index(fields=['program', 'answered_at'], name='survey_program_at'),
        ),
        migrations.AddConstraint(
            model_name='survey',
            constraint=models.CheckConstraint(condition=models.Q(('score__gte', 1), ('score__lte', 5)), name='survey_score_is_1_to_5'),
        ),
    ]
