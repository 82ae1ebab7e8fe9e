"""Appeals, holds on claims and the breach register; notices of them."""

import django.contrib.postgres.fields
import django.db.models.deletion
import reviews.models.appeal
import reviews.models.breach
import simple_history.models
import uuid
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conflicts', '0021_overlaps_wait'),
        ('partners', '0019_breach_days'),
        ('reviews', '0009_stages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('direct', models.BooleanField(default=False)),
                ('number', models.CharField(default=reviews.models.appeal.appeal_number, editable=False, max_length=20)),
                ('ground', models.CharField(choices=[('new_evidence', 'There is new evidence'), ('overlooked', 'Evidence that we gave was overlooked'), ('facts_wrong', 'The facts were wrong or out of date'), ('rule_misapplied', 'A rule was applied wrongly'), ('procedure', 'The procedure was not followed'), ('interest', 'Somebody who decided had an interest'), ('other', 'Another reason')], max_length=30)),
                ('text', models.TextField()),
                ('activities', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None)),
                ('status', models.CharField(choices=[('filed', 'Received'), ('open', 'Being looked at'), ('upheld', 'The decision stands'), ('varied', 'The decision was changed in part'), ('overturned', 'The decision was overturned')], default='filed', max_length=20)),
                ('filed_at', models.DateTimeField()),
                ('filed_by_id', models.UUIDField(editable=False, null=True)),
                ('due_at', models.DateTimeField()),
                ('answer', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='AppealAnswer',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('outcome', models.CharField(choices=[('upheld', 'The decision stands'), ('varied', 'The decision was changed in part'), ('overturned', 'The decision was overturned')], max_length=20)),
                ('choice', models.JSONField(blank=True, default=dict)),
                ('reason_code', models.CharField(blank=True, choices=[('evidence_missing', 'Evidence missing'), ('evidence_wrong', 'Evidence wrong or outdated'), ('identity_wrong', 'Identity wrong'), ('rule_wrong', 'Rule wrong or outdated'), ('exception', 'Right rule, but an exception'), ('relationship', 'Relationship'), ('agreement_clause', 'Agreement clause'), ('timing', 'Timing'), ('other', 'Other')], max_length=30)),
                ('reasons', models.TextField()),
                ('told', models.TextField()),
                ('role', models.CharField(max_length=30)),
                ('answered_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Breach',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(default=reviews.models.breach.breach_number, editable=False, max_length=20)),
                ('category', models.CharField(choices=[('false_statement', 'A statement in a registration was not true'), ('bypassed_owner', 'The buyer was approached on a deal that was protected for somebody else'), ('broke_hold', 'The buyer was approached while the claims were on hold'), ('price', 'A price or discount outside the policy was offered'), ('outside_territory', 'Sold outside the territory or the agreement'), ('confidence', 'Something confidential was passed on'), ('no_follow_up', 'Deals were registered and not worked'), ('other', 'Another rule')], max_length=30)),
                ('what', models.TextField()),
                ('happened_on', models.DateField()),
                ('recorded_at', models.DateTimeField()),
                ('comment_until', models.DateTimeField()),
                ('comment', models.TextField(blank=True)),
                ('commented_at', models.DateTimeField(blank=True, null=True)),
                ('status', models.CharField(choices=[('recorded', 'Not yet confirmed'), ('confirmed', 'Confirmed'), ('dismissed', 'Dismissed')], default='recorded', max_length=20)),
                ('answer', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('counts_until', models.DateField(blank=True, null=True)),
            ],
            options={
                'verbose_name_plural': 'breaches',
            },
        ),
        migrations.CreateModel(
            name='BreachFile',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('evidence', models.TextField(blank=True)),
                ('reasons', models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalAppeal',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid_utils.compat.uuid7, editable=False)),
                ('direct', models.BooleanField(default=False)),
                ('number', models.CharField(default=reviews.models.appeal.appeal_number, editable=False, max_length=20)),
                ('ground', models.CharField(choices=[('new_evidence', 'There is new evidence'), ('overlooked', 'Evidence that we gave was overlooked'), ('facts_wrong', 'The facts were wrong or out of date'), ('rule_misapplied', 'A rule was applied wrongly'), ('procedure', 'The procedure was not followed'), ('interest', 'Somebody who decided had an interest'), ('other', 'Another reason')], max_length=30)),
                ('text', models.TextField()),
                ('activities', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None)),
                ('status', models.CharField(choices=[('filed', 'Received'), ('open', 'Being looked at'), ('upheld', 'The decision stands'), ('varied', 'The decision was changed in part'), ('overturned', 'The decision was overturned')], default='filed', max_length=20)),
                ('filed_at', models.DateTimeField()),
                ('filed_by_id', models.UUIDField(editable=False, null=True)),
                ('due_at', models.DateTimeField()),
                ('answer', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('history_id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical appeal',
                'verbose_name_plural': 'historical appeals',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalBreach',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid_utils.compat.uuid7, editable=False)),
                ('number', models.CharField(default=reviews.models.breach.breach_number, editable=False, max_length=20)),
                ('category', models.CharField(choices=[('false_statement', 'A statement in a registration was not true'), ('bypassed_owner', 'The buyer was approached on a deal that was protected for somebody else'), ('broke_hold', 'The buyer was approached while the claims were on hold'), ('price', 'A price or discount outside the policy was offered'), ('outside_territory', 'Sold outside the territory or the agreement'), ('confidence', 'Something confidential was passed on'), ('no_follow_up', 'Deals were registered and not worked'), ('other', 'Another rule')], max_length=30)),
                ('what', models.TextField()),
                ('happened_on', models.DateField()),
                ('recorded_at', models.DateTimeField()),
                ('comment_until', models.DateTimeField()),
                ('comment', models.TextField(blank=True)),
                ('commented_at', models.DateTimeField(blank=True, null=True)),
                ('status', models.CharField(choices=[('recorded', 'Not yet confirmed'), ('confirmed', 'Confirmed'), ('dismissed', 'Dismissed')], default='recorded', max_length=20)),
                ('answer', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('counts_until', models.DateField(blank=True, null=True)),
                ('history_id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical breach',
                'verbose_name_plural': 'historical breaches',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalBreachFile',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid_utils.compat.uuid7, editable=False)),
                ('evidence', models.TextField(blank=True)),
                ('reasons', models.TextField(blank=True)),
                ('history_id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical breach file',
                'verbose_name_plural': 'historical breach files',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalHold',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid_utils.compat.uuid7, editable=False)),
                ('reason', models.TextField()),
                ('begun_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ends_before', models.JSONField(blank=True, default=dict)),
                ('history_id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical hold',
                'verbose_name_plural': 'historical holds',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('reason', models.TextField()),
                ('begun_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ends_before', models.JSONField(blank=True, default=dict)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='case',
            name='only_a_waiting_case_is_paused',
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_of_a_registration_an_offer_or_a_talk',
        ),
        migrations.AddField(
            model_name='case',
            name='appeal_at_risk_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='case',
            name='appeal_due_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='case',
            name='held_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalcase',
            name='appeal_at_risk_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalcase',
            name='appeal_due_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalcase',
            name='held_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalparty',
            name='appeal_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalparty',
            name='held_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalparty',
            name='speaker',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='party',
            name='appeal_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='party',
            name='held_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='party',
            name='speaker',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AlterField(
            model_name='case',
            name='status',
            field=models.CharField(choices=[('open', 'Open'), ('in_review', 'In review'), ('awaiting_information', 'Waits for information'), ('snoozed', 'Snoozed'), ('informal', 'Parties talk'), ('mediation', 'In mediation'), ('settling', 'Decided, leaves soon'), ('decided', 'Decided'), ('appealed', 'Under appeal'), ('final', 'Final'), ('closed', 'Closed')], default='open', max_length=30),
        ),
        migrations.AlterField(
            model_name='historicalcase',
            name='status',
            field=models.CharField(choices=[('open', 'Open'), ('in_review', 'In review'), ('awaiting_information', 'Waits for information'), ('snoozed', 'Snoozed'), ('informal', 'Parties talk'), ('mediation', 'In mediation'), ('settling', 'Decided, leaves soon'), ('decided', 'Decided'), ('appealed', 'Under appeal'), ('final', 'Final'), ('closed', 'Closed')], default='open', max_length=30),
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('approved', 'Approved'), ('shared', 'Shared'), ('support', 'Support role'), ('not_approved', 'Not approved'), ('information_wanted', 'Information wanted'), ('expiring', 'Protection ends soon'), ('renewed', 'Renewed'), ('expired', 'Protection ended'), ('looked_at_again', 'Looked at again'), ('extended', 'Extended'), ('not_extended', 'Not extended'), ('free_again', 'May be registered again'), ('lead_offered', 'Lead offered'), ('lead_reminder', 'Lead waits for your answer'), ('lead_gone', 'Lead no longer offered'), ('appeal_answered', 'Appeal answered'), ('held', 'On hold'), ('hold_ended', 'Hold ended'), ('breach_recorded', 'Breach recorded'), ('breach_answered', 'Breach confirmed or dismissed'), ('asked_to_settle', 'Asked to settle'), ('in_mediation', 'In mediation'), ('proposed', 'A proposal to answer'), ('talk_reminder', 'A talk waits for you'), ('agreed', 'Agreed'), ('talk_ended', 'A talk has ended'), ('concern_answered', 'Concern answered')], max_length=30),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('paused_at__isnull', True), ('held_until__isnull', False), ('status__in', ['awaiting_information', 'snoozed', 'informal', 'mediation']), _connector='OR'), name='only_a_waiting_case_is_paused'),
        ),
        migrations.AddField(
            model_name='appeal',
            name='partner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='appeal',
            name='party',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='appeal', to='reviews.party'),
        ),
        migrations.AddField(
            model_name='appeal',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='appeal',
            name='registration',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='partners.registration'),
        ),
        migrations.AddField(
            model_name='appealanswer',
            name='answered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='appealanswer',
            name='before',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appealed_by', to='reviews.decision'),
        ),
        migrations.AddField(
            model_name='appealanswer',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeal_answers', to='reviews.case'),
        ),
        migrations.AddField(
            model_name='appealanswer',
            name='decision',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='reviews.decision'),
        ),
        migrations.AddField(
            model_name='appealanswer',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='breach',
            name='partner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='breaches', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='breach',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='notice',
            name='breach',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='reviews.breach'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('breach__isnull', True), ('offer__isnull', True), ('registration__isnull', False)), models.Q(('breach__isnull', True), ('offer__isnull', False), ('registration__isnull', True), ('side__isnull', True)), models.Q(('breach__isnull', True), ('offer__isnull', True), ('registration__isnull', True), ('side__isnull', False)), models.Q(('breach__isnull', False), ('offer__isnull', True), ('registration__isnull', True), ('side__isnull', True)), _connector='OR'), name='notice_of_one_thing'),
        ),
        migrations.AddField(
            model_name='breachfile',
            name='answered_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='breachfile',
            name='breach',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='file', to='reviews.breach'),
        ),
        migrations.AddField(
            model_name='breachfile',
            name='case',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='breach_files', to='reviews.case'),
        ),
        migrations.AddField(
            model_name='breachfile',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='breachfile',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalappeal',
            name='history_user',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalappeal',
            name='partner',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='historicalappeal',
            name='party',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='reviews.party'),
        ),
        migrations.AddField(
            model_name='historicalappeal',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.program'),
        ),
        migrations.AddField(
            model_name='historicalappeal',
            name='registration',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.registration'),
        ),
        migrations.AddField(
            model_name='historicalbreach',
            name='history_user',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalbreach',
            name='partner',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='historicalbreach',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.program'),
        ),
        migrations.AddField(
            model_name='historicalbreachfile',
            name='answered_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalbreachfile',
            name='breach',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='reviews.breach'),
        ),
        migrations.AddField(
            model_name='historicalbreachfile',
            name='case',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='reviews.case'),
        ),
        migrations.AddField(
            model_name='historicalbreachfile',
            name='history_user',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalbreachfile',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.program'),
        ),
        migrations.AddField(
            model_name='historicalbreachfile',
            name='recorded_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalhold',
            name='begun_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalhold',
            name='case',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='reviews.case'),
        ),
        migrations.AddField(
            model_name='historicalhold',
            name='coordinator',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalhold',
            name='ended_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalhold',
            name='history_user',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalhold',
            name='party',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='reviews.party'),
        ),
        migrations.AddField(
            model_name='historicalhold',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.program'),
        ),
        migrations.AddField(
            model_name='hold',
            name='begun_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='hold',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='reviews.case'),
        ),
        migrations.AddField(
            model_name='hold',
            name='coordinator',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='hold',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='hold',
            name='party',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reviews.party'),
        ),
        migrations.AddField(
            model_name='hold',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddIndex(
            model_name='appeal',
            index=models.Index(condition=models.Q(('status', 'filed')), fields=['program'], name='appeal_filed'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('direct', True), ('partner__isnull', True)), models.Q(('direct', False), ('partner__isnull', False)), _connector='OR'), name='appeal_direct_or_partner'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.UniqueConstraint(fields=('program', 'number'), name='appeal_number'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', True), ('status__in', ['filed', 'open'])), models.Q(('answered_at__isnull', False), ('status__in', ['upheld', 'varied', 'overturned'])), _connector='OR'), name='appeal_answered_with_an_outcome'),
        ),
        migrations.AddConstraint(
            model_name='appealanswer',
            constraint=models.UniqueConstraint(fields=('case', 'number'), name='appeal_answer_number'),
        ),
        migrations.AddConstraint(
            model_name='appealanswer',
            constraint=models.UniqueConstraint(condition=models.Q(('settled_at__isnull', False)), fields=('case',), name='one_settled_answer_a_case'),
        ),
        migrations.AddIndex(
            model_name='breach',
            index=models.Index(fields=['partner', '-recorded_at'], name='breach_partner'),
        ),
        migrations.AddConstraint(
            model_name='breach',
            constraint=models.UniqueConstraint(fields=('program', 'number'), name='breach_number'),
        ),
        migrations.AddConstraint(
            model_name='breach',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', True), ('status', 'recorded')), models.Q(('answered_at__isnull', False), ('status__in', ['confirmed', 'dismissed'])), _connector='OR'), name='breach_answered_when_settled'),
        ),
        migrations.AddConstraint(
            model_name='breach',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('counts_until__isnull', False), ('status', 'confirmed')), models.Q(models.Q(('status', 'confirmed'), _negated=True), ('counts_until__isnull', True)), _connector='OR'), name='only_a_confirmed_breach_counts'),
        ),
        migrations.AddConstraint(
            model_name='breachfile',
            constraint=models.CheckConstraint(condition=models.Q(('case__isnull', False), models.Q(('evidence', ''), _negated=True), _connector='OR'), name='breach_has_evidence'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['program', 'until'], name='hold_running'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('case',), name='one_hold_a_case'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('coordinator__isnull', True), ('party__isnull', False)), models.Q(('coordinator__isnull', False), ('party__isnull', True)), _connector='OR'), name='one_voice_to_the_buyer'),
        ),
    ]
