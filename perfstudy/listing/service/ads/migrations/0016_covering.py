"""An index that holds all that the listing filters and sorts by, and the ids, so that these need not be fetched.

Beside the report's index, not on top of it: each can be had without the other.
The models do not know it, so that no tool takes its absence for a change.
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
