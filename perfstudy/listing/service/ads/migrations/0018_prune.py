"""Removal of unneeded indexes: one duplicate, and ten that another index replaces.

Every query of the service is about one tenant. An index that does not begin with the tenant finds the programs of all
tenants, and the second column of a longer one leaves few programs to check. The remaining indexes serve each path:
the tenant with business, status, type or start. The models still declare the removed ones, so that no tool takes
their absence for a change.
"""

from django.db import migrations

from perfstudy.listing.service.ads.operations import RemoveIndexWhileWriting

DOUBLE = ("ads_program_usernam_0ff760_idx",)  # the unique constraint has an index of the same columns

UNNEEDED = (
    "ads_program_program_8f7223_idx",
    "ads_program_yelp_bu_7290ba_idx",
    "ads_program_status_cffd96_idx",
    "ads_program_usernam_5babcd_idx",
    "ads_program_usernam_0271cc_idx",
    "ads_program_usernam_d4a89d_idx",
    "ads_program_usernam_fd4d11_idx",
    "ads_program_usernam_f8f4b4_idx",
    "ads_program_usernam_1c00dd_idx",
    "ads_program_yelp_bu_1120e3_idx",
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("ads", "0014_baseline"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                RemoveIndexWhileWriting(model_name="programregistry", name=name) for name in (*DOUBLE, *UNNEEDED)
            ],
        ),
    ]
