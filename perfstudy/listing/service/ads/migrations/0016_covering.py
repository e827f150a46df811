"""An index on all columns that the listing filters and sorts by, and the ids.

The ids are then read from the index. It does not replace the report's index: each can be applied without the other.
The models do not declare it, so that no tool takes its absence for a change.
"""

from django.db import migrations, models

from perfstudy.listing.service.ads.operations import AddIndexWhileWriting


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("ads", "0014_baseline"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                AddIndexWhileWriting(
                    model_name="programregistry",
                    index=models.Index(
                        fields=["username", "-start_date", "program_id"],
                        include=["status", "program_name", "yelp_business_id", "id"],
                        name="ads_program_covering",
                    ),
                ),
            ],
        ),
    ]
