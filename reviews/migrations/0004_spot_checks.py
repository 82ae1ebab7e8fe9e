"""What was approved without a person, the weekly draw of spot checks, and the alarm of too many wrong ones."""

import django.db.models.deletion
import simple_history.models
import uuid
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conflicts', '0003_policy_moves'),
        ('partners', '0005_territory_ground'),
        ('reviews', '0003_study_search'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AutomaticApproval',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('rule', models.CharField(max_length=60)),
                ('reason', models.TextField()),
                ('tier', models.CharField(blank=True, max_length=200)),
                ('region', models.CharField(blank=True, max_length=10)),
                ('facts', models.JSONField()),
                ('approved_at', models.DateTimeField()),
                ('decision', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='automatic_approval', to='reviews.decision')),
                ('partner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner')),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='conflicts.policyversion')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program')),
                ('registration', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='automatic_approvals', to='partners.registration')),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalSpotCheckAlarm',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid_utils.compat.uuid7, editable=False)),
                ('sentence', models.TextField()),
                ('wrong', models.PositiveIntegerField()),
                ('answered', models.PositiveIntegerField()),
                ('wrong_pct', models.PositiveSmallIntegerField()),
                ('raised_at', models.DateTimeField()),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('history_id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('acknowledged_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('program', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.program')),
            ],
            options={
                'verbose_name': 'historical spot check alarm',
                'verbose_name_plural': 'historical spot check alarms',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='SpotCheckAlarm',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('sentence', models.TextField()),
                ('wrong', models.PositiveIntegerField()),
                ('answered', models.PositiveIntegerField()),
                ('wrong_pct', models.PositiveSmallIntegerField()),
                ('raised_at', models.DateTimeField()),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('acknowledged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program')),
            ],
        ),
        migrations.CreateModel(
            name='SpotCheckWeek',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('week_on', models.DateField()),
                ('approvals', models.PositiveIntegerField()),
                ('share_pct', models.PositiveSmallIntegerField()),
                ('least', models.PositiveSmallIntegerField()),
                ('seed', models.CharField(max_length=64)),
                ('drawn_at', models.DateTimeField()),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='conflicts.policyversion')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program')),
            ],
        ),
        migrations.CreateModel(
            name='SpotCheck',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('place', models.PositiveIntegerField()),
                ('answer', models.CharField(blank=True, choices=[('', 'To be looked at'), ('right', 'Right'), ('wrong', 'Wrong'), ('cannot_tell', 'Cannot tell')], max_length=20)),
                ('reason_code', models.CharField(blank=True, choices=[('evidence_missing', 'Evidence missing'), ('evidence_wrong', 'Evidence wrong or outdated'), ('identity_wrong', 'Identity wrong'), ('rule_wrong', 'Rule wrong or outdated'), ('exception', 'Right rule, but an exception'), ('relationship', 'Relationship'), ('agreement_clause', 'Agreement clause'), ('timing', 'Timing'), ('other', 'Other')], max_length=30)),
                ('reason_text', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approval', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='spot_check', to='reviews.automaticapproval')),
                ('concern', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='spot_check', to='reviews.concern')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program')),
                ('week', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='reviews.spotcheckweek')),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalSpotCheck',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid_utils.compat.uuid7, editable=False)),
                ('place', models.PositiveIntegerField()),
                ('answer', models.CharField(blank=True, choices=[('', 'To be looked at'), ('right', 'Right'), ('wrong', 'Wrong'), ('cannot_tell', 'Cannot tell')], max_length=20)),
                ('reason_code', models.CharField(blank=True, choices=[('evidence_missing', 'Evidence missing'), ('evidence_wrong', 'Evidence wrong or outdated'), ('identity_wrong', 'Identity wrong'), ('rule_wrong', 'Rule wrong or outdated'), ('exception', 'Right rule, but an exception'), ('relationship', 'Relationship'), ('agreement_clause', 'Agreement clause'), ('timing', 'Timing'), ('other', 'Other')], max_length=30)),
                ('reason_text', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('history_id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('answered_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approval', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='reviews.automaticapproval')),
                ('concern', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='reviews.concern')),
                ('history_user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('program', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.program')),
                ('week', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='reviews.spotcheckweek')),
            ],
            options={
                'verbose_name': 'historical spot check',
                'verbose_name_plural': 'historical spot checks',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddIndex(
            model_name='automaticapproval',
            index=models.Index(fields=['program', 'approved_at'], name='automatic_by_time'),
        ),
        migrations.AddConstraint(
            model_name='spotcheckalarm',
            constraint=models.UniqueConstraint(condition=models.Q(('acknowledged_at__isnull', True)), fields=('program',), name='one_open_spot_check_alarm'),
        ),
        migrations.AddConstraint(
            model_name='spotcheckalarm',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('acknowledged_at__isnull', True), ('acknowledged_by__isnull', True), ('reason', '')), models.Q(models.Q(('reason', ''), _negated=True), ('acknowledged_at__isnull', False), ('acknowledged_by__isnull', False)), _connector='OR'), name='spot_check_alarm_acknowledged_why'),
        ),
        migrations.AddConstraint(
            model_name='spotcheckweek',
            constraint=models.UniqueConstraint(fields=('program', 'week_on'), name='one_draw_a_week'),
        ),
        migrations.AddIndex(
            model_name='spotcheck',
            index=models.Index(condition=models.Q(('answer', '')), fields=['program'], name='spot_check_waits'),
        ),
        migrations.AddConstraint(
            model_name='spotcheck',
            constraint=models.UniqueConstraint(fields=('week', 'place'), name='spot_check_place'),
        ),
        migrations.AddConstraint(
            model_name='spotcheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True), ('answered_by__isnull', True)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='spot_check_answered_by_whom'),
        ),
        migrations.AddConstraint(
            model_name='spotcheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', 'wrong'), _negated=True), models.Q(models.Q(('reason_code', ''), _negated=True), models.Q(('reason_text', ''), _negated=True), ('concern__isnull', False)), _connector='OR'), name='spot_check_wrong_has_reason_and_concern'),
        ),
    ]
