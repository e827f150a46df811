"""The programs in hash partitions by tenant, whatever else is applied.

The rows are moved in one transaction, which keeps readers and writers waiting.
"""

from django.db import migrations

from perfstudy.listing.service.ads.partitions import gather, partition, vacuum


class Migration(migrations.Migration):
    # VACUUM cannot be part of a transaction; the move is one by itself.
    atomic = False

    dependencies = [
        ("ads", "0014_baseline"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, vacuum, atomic=False),
        migrations.RunPython(partition, gather, atomic=True),
        migrations.RunPython(vacuum, migrations.RunPython.noop, atomic=False),
    ]
