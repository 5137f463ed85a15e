
import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_absence_and_skills'),
        ('desk', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='workview',
            name='first',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='workcolumns',
            name='keys',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), size=None),
        ),
        migrations.AddConstraint(
            model_name='workview',
            constraint=models.UniqueConstraint(condition=models.Q(('first', True)), fields=('user',), name='work_view_one_first'),
        ),
    ]
