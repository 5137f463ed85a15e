import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('forms', '0004_form_studio'),
    ]

    operations = [
        migrations.AddField(
            model_name='submission',
            name='remind_on',
            field=models.DateField(null=True),
        ),
        migrations.CreateModel(
            name='Abandoned',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('page', models.CharField(blank=True, max_length=60)),
                ('by_officer', models.BooleanField()),
                ('number', models.PositiveIntegerField()),
                ('form', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='abandoned', to='forms.form')),
            ],
        ),
        migrations.AddConstraint(
            model_name='abandoned',
            constraint=models.UniqueConstraint(fields=('form', 'day', 'page', 'by_officer'), name='form_abandoned_once'),
        ),
        migrations.AddIndex(
            model_name='submission',
            index=models.Index(condition=models.Q(('remind_on__isnull', False)), fields=['remind_on'], name='form_submission_remind'),
        ),
    ]
