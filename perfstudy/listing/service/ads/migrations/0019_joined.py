"""An empty migration that merges the branches, since Django requires one leaf."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("ads", "0015_programregistry_ads_program_usernam_cb2094_idx"),
        ("ads", "0016_covering"),
        ("ads", "0017_count"),
        ("ads", "0018_prune"),
    ]
