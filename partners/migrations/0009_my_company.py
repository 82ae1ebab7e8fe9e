"""Invitations of colleagues, an index for a partner's own numbers, and a right to read what partners wrote."""

import django.db.models.deletion
import simple_history.models
import uuid
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


LEADERS = ("act_as_channel_lead", "act_as_revenue_lead")


def let_leaders_read(apps, schema_editor):
    """Whoever leads the channel of a program already gets the new right; a fresh database has nobody yet."""
    given = apps.get_model("partners", "ProgramGroupPermission")
    using = schema_editor.connection.alias
    led = given.objects.using(using).filter(permission__codename__in=LEADERS)
    pairs = set(led.values_list("group_id", "content_object_id"))
    if not pairs:
        return
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.using(using).get_or_create(
        app_label="partners", model="program"
    )
    right, _ = apps.get_model("auth", "Permission").objects.using(using).get_or_create(
        content_type=kind, codename="read_survey_texts",
        defaults={"name": "Read what partners wrote about how they were handled"},
    )
    given.objects.using(using).bulk_create(
        [given(group_id=group, content_object_id=program, permission=right) for group, program in sorted(pairs, key=str)]
    )


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0008_reply_to'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('auth', '0012_alter_user_first_name_max_length'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalInvitation',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid_utils.compat.uuid7, editable=False)),
                ('email', models.EmailField(max_length=254, verbose_name='mail address')),
                ('role', models.CharField(choices=[('partner_user', 'Partner user'), ('partner_admin', 'Partner admin')], default='partner_user', max_length=20)),
                ('token_sha256', models.CharField(editable=False, max_length=64)),
                ('invited_at', models.DateTimeField()),
                ('invited_by_id', models.UUIDField(editable=False)),
                ('expires_at', models.DateTimeField()),
                ('joined_at', models.DateTimeField(blank=True, null=True)),
                ('joined_by_id', models.UUIDField(editable=False, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('history_id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical invitation',
                'verbose_name_plural': 'historical invitations',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, verbose_name='mail address')),
                ('role', models.CharField(choices=[('partner_user', 'Partner user'), ('partner_admin', 'Partner admin')], default='partner_user', max_length=20)),
                ('token_sha256', models.CharField(editable=False, max_length=64)),
                ('invited_at', models.DateTimeField()),
                ('invited_by_id', models.UUIDField(editable=False)),
                ('expires_at', models.DateTimeField()),
                ('joined_at', models.DateTimeField(blank=True, null=True)),
                ('joined_by_id', models.UUIDField(editable=False, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AlterModelOptions(
            name='program',
            options={'default_permissions': (), 'permissions': [('view_desk', 'See the queue and the cases'), ('register_deals', "Register deals on a partner's behalf and for the direct team"), ('change_rules', 'Edit territories, agreements, exceptions, partners and accounts'), ('import_records', 'Import records'), ('read_audit', 'Read the record of acts'), ('read_survey_texts', 'Read what partners wrote about how they were handled'), ('act_as_partner_manager', 'Decide as a partner manager'), ('act_as_channel_lead', 'Decide as channel lead'), ('act_as_sales_ops', 'Decide as sales operations'), ('act_as_legal', 'Decide as legal'), ('act_as_revenue_lead', 'Decide as revenue lead')]},
        ),
        migrations.AddIndex(
            model_name='registration',
            index=models.Index(fields=['partner', 'submitted_at'], name='registration_partner_sent'),
        ),
        migrations.AddField(
            model_name='historicalinvitation',
            name='history_user',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalinvitation',
            name='partner',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='historicalinvitation',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.program'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='partner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='partners.partner'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='partners.program'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(fields=['partner', '-invited_at'], name='invitation_partner'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(fields=('token_sha256',), name='invitation_token'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('joined_at__isnull', True), ('withdrawn_at__isnull', True), _connector='OR'), name='invitation_ends_once'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('joined_at__isnull', True), ('joined_by_id__isnull', True)), models.Q(('joined_at__isnull', False), ('joined_by_id__isnull', False)), _connector='OR'), name='invitation_joined_by_somebody'),
        ),
        migrations.RunPython(let_leaders_read, migrations.RunPython.noop),
    ]
