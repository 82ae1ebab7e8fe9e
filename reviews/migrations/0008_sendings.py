"""How notices leave the portal: preferences, webhooks, sendings and their tries. What was told before is not sent again."""

import django.db.models.deletion
import simple_history.models
import uuid
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0008_reply_to'),
        ('reviews', '0007_notice_templates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Enclosure',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalWebhook',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid_utils.compat.uuid7, editable=False)),
                ('url', models.CharField(max_length=500, verbose_name='address')),
                ('enabled', models.BooleanField(default=True)),
                ('gone_at', models.DateTimeField(blank=True, null=True)),
                ('test_asked_at', models.DateTimeField(blank=True, null=True)),
                ('made_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('history_id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical webhook',
                'verbose_name_plural': 'historical webhooks',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='NoticePreference',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('how', models.CharField(choices=[('at_once', 'A mail for each notice, at once'), ('daily', 'One mail a day'), ('portal', 'In the portal only')], default='at_once', max_length=10)),
                ('chosen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Sending',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('way', models.CharField(choices=[('mail', 'Mail'), ('daily', 'Daily mail'), ('webhook', 'Webhook')], max_length=10)),
                ('key', models.CharField(max_length=64, unique=True)),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('sending', 'Being sent'), ('delivered', 'Sent'), ('left_out', 'Not needed any more'), ('dead', 'Needs a person')], default='waiting', max_length=20)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField()),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('lease_key', models.UUIDField(blank=True, null=True)),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SendingTry',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('result', models.CharField(default='started', max_length=30)),
                ('detail', models.TextField(blank=True)),
            ],
            options={
                'verbose_name_plural': 'sending tries',
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('url', models.CharField(max_length=500, verbose_name='address')),
                ('enabled', models.BooleanField(default=True)),
                ('gone_at', models.DateTimeField(blank=True, null=True)),
                ('test_asked_at', models.DateTimeField(blank=True, null=True)),
                ('made_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='WebhookSecret',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='notice',
            name='queued_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunSQL('update reviews_notice set queued_at = sent_at', migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('approved', 'Approved'), ('shared', 'Shared'), ('support', 'Support role'), ('not_approved', 'Not approved'), ('information_wanted', 'Information wanted'), ('expiring', 'Protection ends soon'), ('renewed', 'Renewed'), ('expired', 'Protection ended'), ('looked_at_again', 'Looked at again'), ('extended', 'Extended'), ('not_extended', 'Not extended'), ('free_again', 'May be registered again'), ('lead_offered', 'Lead offered'), ('lead_reminder', 'Lead waits for your answer'), ('lead_gone', 'Lead no longer offered'), ('appeal_answered', 'Appeal answered'), ('held', 'On hold'), ('hold_ended', 'Hold ended'), ('breach_recorded', 'Breach recorded'), ('breach_answered', 'Breach confirmed or dismissed'), ('asked_to_settle', 'Asked to settle'), ('in_mediation', 'In mediation'), ('proposed', 'A proposal to answer'), ('talk_reminder', 'A talk waits for you'), ('agreed', 'Agreed'), ('talk_ended', 'A talk has ended'), ('concern_answered', 'Concern answered'), ('information_reminder', 'Our question waits for you'), ('appeal_closes', 'Appeal ends soon')], max_length=30),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('answered_at__isnull', True), ('from_party', False)), fields=['registration', 'sent_at'], name='message_unanswered'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('partner__isnull', False), ('queued_at__isnull', True)), fields=['program', 'sent_at'], name='notice_unplanned'),
        ),
        migrations.AddIndex(
            model_name='party',
            index=models.Index(condition=models.Q(('appeal_until__isnull', False)), fields=['appeal_until'], name='party_appeal_until'),
        ),
        migrations.AddField(
            model_name='enclosure',
            name='notice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enclosures', to='reviews.notice'),
        ),
        migrations.AddField(
            model_name='enclosure',
            name='partner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='enclosure',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='enclosure',
            name='user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalwebhook',
            name='history_user',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalwebhook',
            name='partner',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='historicalwebhook',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.program'),
        ),
        migrations.AddField(
            model_name='noticepreference',
            name='partner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notice_preferences', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='noticepreference',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='noticepreference',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notice_preferences', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='sending',
            name='partner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sendings', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='sending',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='sending',
            name='user',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sendings', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='enclosure',
            name='sending',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enclosures', to='reviews.sending'),
        ),
        migrations.AddField(
            model_name='sendingtry',
            name='partner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='sendingtry',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='sendingtry',
            name='sending',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='reviews.sending'),
        ),
        migrations.AddField(
            model_name='webhook',
            name='partner',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='webhook', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='webhook',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='sending',
            name='webhook',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sendings', to='reviews.webhook'),
        ),
        migrations.AddField(
            model_name='enclosure',
            name='webhook',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reviews.webhook'),
        ),
        migrations.AddField(
            model_name='webhooksecret',
            name='partner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='webhooksecret',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='webhooksecret',
            name='webhook',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='secrets', to='reviews.webhook'),
        ),
        migrations.AddConstraint(
            model_name='noticepreference',
            constraint=models.UniqueConstraint(fields=('partner', 'user'), name='one_preference_a_person'),
        ),
        migrations.AddConstraint(
            model_name='sendingtry',
            constraint=models.UniqueConstraint(fields=('sending', 'number'), name='sending_try_number'),
        ),
        migrations.AddIndex(
            model_name='sending',
            index=models.Index(condition=models.Q(('status__in', ['waiting', 'sending'])), fields=['due_at'], name='sending_due'),
        ),
        migrations.AddIndex(
            model_name='sending',
            index=models.Index(fields=['webhook', '-created_at'], name='sending_webhook'),
        ),
        migrations.AddIndex(
            model_name='sending',
            index=models.Index(condition=models.Q(('status', 'dead')), fields=['program'], name='sending_dead'),
        ),
        migrations.AddConstraint(
            model_name='sending',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('user__isnull', True), ('way', 'webhook'), ('webhook__isnull', False)), models.Q(models.Q(('way', 'webhook'), _negated=True), ('user__isnull', False), ('webhook__isnull', True)), _connector='OR'), name='sending_has_one_recipient'),
        ),
        migrations.AddConstraint(
            model_name='sending',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lease_key__isnull', False), ('lease_until__isnull', False), ('status', 'sending')), models.Q(models.Q(('status', 'sending'), _negated=True), ('lease_key__isnull', True), ('lease_until__isnull', True)), _connector='OR'), name='only_a_leased_sending_is_being_sent'),
        ),
        migrations.AddConstraint(
            model_name='enclosure',
            constraint=models.UniqueConstraint(fields=('notice', 'user'), name='a_notice_reaches_a_person_once'),
        ),
        migrations.AddConstraint(
            model_name='enclosure',
            constraint=models.UniqueConstraint(fields=('notice', 'webhook'), name='a_notice_reaches_a_webhook_once'),
        ),
    ]
