"""Files of papers, what is withdrawn, and batches of registrations from one file."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0006_first_opinions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveField(
            model_name='evidence',
            name='sha256',
        ),
        migrations.RemoveField(
            model_name='historicalevidence',
            name='sha256',
        ),
        migrations.AddField(
            model_name='evidence',
            name='withdrawn_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='evidence',
            name='withdrawn_because',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='evidence',
            name='withdrawn_by_id',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='historicalevidence',
            name='withdrawn_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalevidence',
            name='withdrawn_because',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='historicalevidence',
            name='withdrawn_by_id',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.CreateModel(
            name='RegistrationBatch',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('file_name', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('columns', models.JSONField(default=list)),
                ('brought_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('brought_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='registration_batches', to='partners.partner')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program')),
            ],
            options={
                'verbose_name_plural': 'registration batches',
            },
        ),
        migrations.CreateModel(
            name='BatchRow',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('line', models.PositiveIntegerField()),
                ('cells', models.JSONField(default=list)),
                ('account_name', models.CharField(blank=True, max_length=500)),
                ('state', models.CharField(choices=[('new', 'Will be registered'), ('duplicate', 'You have it already'), ('bad', 'To mend'), ('done', 'Registered'), ('failed', 'Not registered')], max_length=20)),
                ('told', models.TextField(blank=True)),
                ('token', models.UUIDField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program')),
                ('registration', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.registration')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='partners.registrationbatch')),
            ],
            options={
                'verbose_name_plural': 'batch rows',
            },
        ),
        migrations.CreateModel(
            name='EvidenceFile',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('form', models.CharField(choices=[('pdf', 'PDF'), ('png', 'PNG image'), ('jpeg', 'JPEG image'), ('txt', 'Text'), ('docx', 'Word document'), ('xlsx', 'Excel workbook'), ('eml', 'Mail')], max_length=8)),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('flags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, size=None)),
                ('added_by_id', models.UUIDField(editable=False, null=True)),
                ('added_at', models.DateTimeField()),
                ('evidence', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='file', to='partners.evidence')),
                ('partner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='partners.partner')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program')),
                ('registration', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='partners.registration')),
            ],
            options={
                'indexes': [models.Index(fields=['program', 'partner', 'sha256'], name='evidence_file_bytes')],
            },
        ),
        migrations.AddIndex(
            model_name='registrationbatch',
            index=models.Index(fields=['partner', '-id'], name='batch_partner'),
        ),
        migrations.AddIndex(
            model_name='registrationbatch',
            index=models.Index(condition=models.Q(('finished_at__isnull', True), ('sent_at__isnull', False)), fields=['program'], name='batch_unfinished'),
        ),
        migrations.AddConstraint(
            model_name='batchrow',
            constraint=models.UniqueConstraint(fields=('batch', 'line'), name='batch_line_once'),
        ),
    ]
