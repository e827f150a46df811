"""The index that the report added, built while others write."""

from django.db import migrations, models

from perfstudy.listing.service.ads.operations import AddIndexWhileWriting


class Migration(migrations.Migration):
    # A concurrent build cannot be part of a transaction.
    atomic = False

    dependencies = [
        ("ads", "0014_baseline"),
    ]

    operations = [
        AddIndexWhileWriting(
            model_name="programregistry",
            index=models.Index(fields=["username", "status", "-start_date"], name="ads_program_usernam_cb2094_idx"),
        ),
    ]
