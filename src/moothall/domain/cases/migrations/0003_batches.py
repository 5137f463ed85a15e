
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0002_casepayment_run'),
        ('workflow', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(unique=True)),
                ('kind', models.CharField(choices=[('assign', 'Assign'), ('tag', 'Tag'), ('outcome', 'Outcome'), ('share_out', 'Share Out'), ('give_back', 'Give Back'), ('hand_over', 'Hand Over')], max_length=12)),
                ('asked', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('sentence', models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name='BatchLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen', models.PositiveIntegerField(null=True)),
                ('result', models.CharField(blank=True, choices=[('done', 'Done'), ('refused', 'Refused')], max_length=8)),
                ('sentence', models.TextField(blank=True)),
                ('left', models.PositiveIntegerField(null=True)),
                ('at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddIndex(
            model_name='workitem',
            index=models.Index(condition=models.Q(('assigned_to__isnull', False), ('finished_at', None)), fields=['assigned_to', 'stage'], name='work_item_held'),
        ),
        migrations.AddField(
            model_name='batch',
            name='about',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='batch',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='batch',
            name='undoes',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='undone_by', to='cases.batch'),
        ),
        migrations.AddField(
            model_name='batchline',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='cases.batch'),
        ),
        migrations.AddField(
            model_name='batchline',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case'),
        ),
        migrations.AddField(
            model_name='batchline',
            name='item',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.workitem'),
        ),
        migrations.AddField(
            model_name='batchline',
            name='to',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(fields=['by', '-at'], name='batch_by'),
        ),
        migrations.AddIndex(
            model_name='batchline',
            index=models.Index(condition=models.Q(('result', '')), fields=['batch', 'id'], name='batch_line_waiting'),
        ),
        migrations.AddConstraint(
            model_name='batchline',
            constraint=models.UniqueConstraint(fields=('batch', 'item'), name='batch_line_once'),
        ),
        migrations.AddConstraint(
            model_name='batchline',
            constraint=models.UniqueConstraint(condition=models.Q(('item', None)), fields=('batch', 'case'), name='batch_case_once'),
        ),
    ]
