import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
import yigong.core.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('id', models.UUIDField(default=yigong.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('resident_id', models.UUIDField(db_index=True)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('source', models.CharField(blank=True, max_length=100)),
                ('ended_because', models.CharField(blank=True, max_length=100)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('insurance', models.CharField(max_length=3)),
                ('region', models.CharField(max_length=6)),
                ('person_type', models.CharField(max_length=4)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='enrolment_ends_after_start'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Entitlement',
            fields=[
                ('id', models.UUIDField(default=yigong.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('resident_id', models.UUIDField(db_index=True)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('source', models.CharField(blank=True, max_length=100)),
                ('ended_because', models.CharField(blank=True, max_length=100)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('kind', models.CharField(choices=[('chronic', '门诊慢特病'), ('two_diseases', '两病'), ('institution', '选定机构'), ('elsewhere', '异地就医备案')], max_length=12)),
                ('code', models.CharField(blank=True, max_length=30)),
                ('institution_id', models.UUIDField(null=True)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='entitlement_ends_after_start'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ['chronic', 'two_diseases', 'institution', 'elsewhere'])), name='entitlement_kind_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('institution_id__isnull', False), ('kind', 'institution')), models.Q(models.Q(('kind', 'institution'), _negated=True), models.Q(('code', ''), _negated=True)), _connector='OR'), name='entitlement_says_what'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.UUIDField(default=yigong.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('resident_id', models.UUIDField(db_index=True)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('source', models.CharField(blank=True, max_length=100)),
                ('ended_because', models.CharField(blank=True, max_length=100)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('code', models.CharField(max_length=30)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='category_ends_after_start')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='category',
            trigger=pgtrigger.compiler.Trigger(name='audit_row', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n    INSERT INTO audit_rowchange (at, transaction, "table", row_id, operation, before, after, context)\n    VALUES (\n        clock_timestamp(), pg_current_xact_id()::text::bigint, TG_TABLE_NAME,\n        CASE TG_OP WHEN \'DELETE\' THEN OLD.id::text ELSE NEW.id::text END, lower(TG_OP),\n        CASE TG_OP\n            WHEN \'UPDATE\' THEN (\n                SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(to_jsonb(OLD)) o\n                WHERE o.value IS DISTINCT FROM to_jsonb(NEW) -> o.key)\n            WHEN \'DELETE\' THEN to_jsonb(OLD) END,\n        CASE TG_OP WHEN \'DELETE\' THEN NULL ELSE to_jsonb(NEW) END,\n        nullif(current_setting(\'yigong.context\', true), \'\')::jsonb\n    );\n    RETURN NULL;\n', hash='a6d7fa123fe354e4714587206c280441c4154c1e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_row_9b530', table='coverage_category', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='enrolment',
            trigger=pgtrigger.compiler.Trigger(name='audit_row', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n    INSERT INTO audit_rowchange (at, transaction, "table", row_id, operation, before, after, context)\n    VALUES (\n        clock_timestamp(), pg_current_xact_id()::text::bigint, TG_TABLE_NAME,\n        CASE TG_OP WHEN \'DELETE\' THEN OLD.id::text ELSE NEW.id::text END, lower(TG_OP),\n        CASE TG_OP\n            WHEN \'UPDATE\' THEN (\n                SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(to_jsonb(OLD)) o\n                WHERE o.value IS DISTINCT FROM to_jsonb(NEW) -> o.key)\n            WHEN \'DELETE\' THEN to_jsonb(OLD) END,\n        CASE TG_OP WHEN \'DELETE\' THEN NULL ELSE to_jsonb(NEW) END,\n        nullif(current_setting(\'yigong.context\', true), \'\')::jsonb\n    );\n    RETURN NULL;\n', hash='8cae45d7590f2c5de4c2f728f26766eb14e342c1', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_row_4b93d', table='coverage_enrolment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='entitlement',
            trigger=pgtrigger.compiler.Trigger(name='audit_row', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n    INSERT INTO audit_rowchange (at, transaction, "table", row_id, operation, before, after, context)\n    VALUES (\n        clock_timestamp(), pg_current_xact_id()::text::bigint, TG_TABLE_NAME,\n        CASE TG_OP WHEN \'DELETE\' THEN OLD.id::text ELSE NEW.id::text END, lower(TG_OP),\n        CASE TG_OP\n            WHEN \'UPDATE\' THEN (\n                SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(to_jsonb(OLD)) o\n                WHERE o.value IS DISTINCT FROM to_jsonb(NEW) -> o.key)\n            WHEN \'DELETE\' THEN to_jsonb(OLD) END,\n        CASE TG_OP WHEN \'DELETE\' THEN NULL ELSE to_jsonb(NEW) END,\n        nullif(current_setting(\'yigong.context\', true), \'\')::jsonb\n    );\n    RETURN NULL;\n', hash='71c4c35bb63b1e649beb3b837953ab7cddad91fe', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_row_62c4d', table='coverage_entitlement', when='AFTER')),
        ),
    ]
