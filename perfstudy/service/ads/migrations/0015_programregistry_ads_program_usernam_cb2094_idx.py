"""The index that the report added."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ads', '0014_baseline'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='programregistry',
            index=models.Index(fields=['username', 'status', '-start_date'], name='ads_program_usernam_cb2094_idx'),
        ),
    ]
