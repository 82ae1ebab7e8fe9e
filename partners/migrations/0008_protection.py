"""Terms of protection, requests for more time, waiting parties; who is protected already gets the terms of today."""

from datetime import timedelta

import django.db.models.deletion
import simple_history.models
import uuid
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

STANDARD_WINDOWS = (timedelta(days=30), timedelta(days=14), 90)  # activity, extension, and days of one


def give_terms(apps, schema_editor):
    registrations = apps.get_model("partners", "Registration").objects.using(schema_editor.connection.alias)
    terms = apps.get_model("partners", "ProtectionTerms")
    activity, opens, days = STANDARD_WINDOWS
    protected = registrations.filter(status="approved", protections__isnull=False, protections__ended_at__isnull=True)
    rows = [
        terms(
            program_id=r.program_id, partner_id=r.partner_id, registration_id=r.pk, extension_days=days,
            renewable_from=(r.protected_until - activity).date(), extendable_from=r.protected_until - opens,
        )
        for r in protected.distinct().order_by("pk")
    ]
    terms.objects.using(schema_editor.connection.alias).bulk_create(rows)


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0009_touch'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('days', models.PositiveSmallIntegerField()),
                ('reason', models.TextField()),
                ('status', models.CharField(choices=[('asked', 'Asked'), ('granted', 'Granted'), ('refused', 'Refused'), ('lapsed', 'The protection ended first')], default='asked', max_length=20)),
                ('asked_at', models.DateTimeField()),
                ('asked_by_id', models.UUIDField(editable=False, null=True)),
                ('answer', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answered_by_id', models.UUIDField(editable=False, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalExtension',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid_utils.compat.uuid7, editable=False)),
                ('days', models.PositiveSmallIntegerField()),
                ('reason', models.TextField()),
                ('status', models.CharField(choices=[('asked', 'Asked'), ('granted', 'Granted'), ('refused', 'Refused'), ('lapsed', 'The protection ended first')], default='asked', max_length=20)),
                ('asked_at', models.DateTimeField()),
                ('asked_by_id', models.UUIDField(editable=False, null=True)),
                ('answer', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answered_by_id', models.UUIDField(editable=False, null=True)),
                ('history_id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical extension',
                'verbose_name_plural': 'historical extensions',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalProtectionTerms',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid_utils.compat.uuid7, editable=False)),
                ('renewals', models.PositiveSmallIntegerField(default=0, verbose_name='renewed so often')),
                ('renewable_from', models.DateField(blank=True, null=True, verbose_name='first day whose activity renews it')),
                ('extendable_from', models.DateTimeField(blank=True, null=True, verbose_name='more time can be asked for from')),
                ('extension_days', models.PositiveSmallIntegerField(default=0, verbose_name='days that can be asked for')),
                ('reminded_days', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('history_id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical protection terms',
                'verbose_name_plural': 'historical protection terms',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalWaitingParty',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid_utils.compat.uuid7, editable=False)),
                ('asked_at', models.DateTimeField()),
                ('asked_by_id', models.UUIDField(editable=False, null=True)),
                ('told_at', models.DateTimeField(blank=True, null=True)),
                ('history_id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical waiting party',
                'verbose_name_plural': 'historical waiting parties',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='ProtectionTerms',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('renewals', models.PositiveSmallIntegerField(default=0, verbose_name='renewed so often')),
                ('renewable_from', models.DateField(blank=True, null=True, verbose_name='first day whose activity renews it')),
                ('extendable_from', models.DateTimeField(blank=True, null=True, verbose_name='more time can be asked for from')),
                ('extension_days', models.PositiveSmallIntegerField(default=0, verbose_name='days that can be asked for')),
                ('reminded_days', models.PositiveSmallIntegerField(blank=True, null=True)),
            ],
            options={
                'verbose_name_plural': 'protection terms',
            },
        ),
        migrations.CreateModel(
            name='WaitingParty',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField()),
                ('asked_by_id', models.UUIDField(editable=False, null=True)),
                ('told_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name_plural': 'waiting parties',
            },
        ),
        migrations.AddIndex(
            model_name='registration',
            index=models.Index(condition=models.Q(('status', 'approved')), fields=['program', 'protected_until'], name='registration_protected'),
        ),
        migrations.AddField(
            model_name='extension',
            name='partner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='partners.partner'),
        ),
        migrations.AddField(
            model_name='extension',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='extension',
            name='registration',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extensions', to='partners.registration'),
        ),
        migrations.AddField(
            model_name='historicalextension',
            name='history_user',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalextension',
            name='partner',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='historicalextension',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.program'),
        ),
        migrations.AddField(
            model_name='historicalextension',
            name='registration',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.registration'),
        ),
        migrations.AddField(
            model_name='historicalprotectionterms',
            name='history_user',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalprotectionterms',
            name='partner',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='historicalprotectionterms',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.program'),
        ),
        migrations.AddField(
            model_name='historicalprotectionterms',
            name='registration',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.registration'),
        ),
        migrations.AddField(
            model_name='historicalwaitingparty',
            name='history_user',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalwaitingparty',
            name='partner',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='historicalwaitingparty',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.program'),
        ),
        migrations.AddField(
            model_name='historicalwaitingparty',
            name='registration',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.registration'),
        ),
        migrations.AddField(
            model_name='protectionterms',
            name='partner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='partners.partner'),
        ),
        migrations.AddField(
            model_name='protectionterms',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='protectionterms',
            name='registration',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='partners.registration'),
        ),
        migrations.AddField(
            model_name='waitingparty',
            name='partner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='partners.partner'),
        ),
        migrations.AddField(
            model_name='waitingparty',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddField(
            model_name='waitingparty',
            name='registration',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='waiting', to='partners.registration'),
        ),
        migrations.AddIndex(
            model_name='extension',
            index=models.Index(condition=models.Q(('status', 'asked')), fields=['program'], name='extension_asked'),
        ),
        migrations.AddIndex(
            model_name='extension',
            index=models.Index(fields=['registration'], name='extension_registration'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'asked')), fields=('registration',), name='one_open_extension_a_registration'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.CheckConstraint(condition=models.Q(('days__gt', 0)), name='extension_has_days'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', True), ('status', 'asked')), models.Q(models.Q(('status', 'asked'), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='extension_is_asked_or_answered'),
        ),
        migrations.AddIndex(
            model_name='waitingparty',
            index=models.Index(condition=models.Q(('told_at__isnull', True)), fields=['program'], name='waiting_party_untold'),
        ),
        migrations.RunPython(give_terms, migrations.RunPython.noop),
    ]
