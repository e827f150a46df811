"""Nothing by itself: it joins the branches, since Django refuses to migrate an app with more than one end."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("ads", "0015_programregistry_ads_program_usernam_cb2094_idx"),
        ("ads", "0016_covering"),
        ("ads", "0017_count"),
        ("ads", "0018_prune"),
    ]
