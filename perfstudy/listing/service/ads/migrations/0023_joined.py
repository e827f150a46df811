"""An empty migration that merges the branches, since Django requires one leaf."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("ads", "0021_joined"),
        ("ads", "0022_partition"),
    ]
