"""The schema before the study: fourteen migrations of its history in one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='Business',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('yelp_business_id', models.CharField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=255)),
                ('url', models.CharField(max_length=500, null=True)),
                ('alias', models.CharField(max_length=255, null=True)),
                ('cached_at', models.DateTimeField(null=True)),
                ('fetch_failed', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='ProgramRegistry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('username', models.CharField(max_length=150)),
                ('program_id', models.CharField(max_length=64)),
                ('yelp_business_id', models.CharField(max_length=64)),
                ('partner_business_id', models.CharField(max_length=64, null=True)),
                ('business_name', models.CharField(max_length=255, null=True)),
                ('business', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='programs', to='ads.business')),
                ('status', models.CharField(max_length=16)),
                ('program_status', models.CharField(max_length=16, null=True)),
                ('program_pause_status', models.CharField(max_length=16, null=True)),
                ('program_name', models.CharField(max_length=32)),
                ('start_date', models.DateField(null=True)),
                ('end_date', models.DateField(null=True)),
                ('custom_name', models.CharField(max_length=255, null=True)),
                ('budget', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('max_bid', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('ad_cost', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('currency', models.CharField(max_length=3, null=True)),
                ('is_autobid', models.BooleanField(null=True)),
                ('billed_impressions', models.IntegerField(null=True)),
                ('billed_clicks', models.IntegerField(null=True)),
                ('fee_period', models.CharField(max_length=32, null=True)),
                ('businesses', models.JSONField(null=True)),
                ('active_features', models.JSONField(null=True)),
                ('available_features', models.JSONField(null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['username'], name='ads_program_usernam_2b0c3c_idx'),
                    models.Index(fields=['program_id'], name='ads_program_program_8f7223_idx'),
                    models.Index(fields=['yelp_business_id'], name='ads_program_yelp_bu_7290ba_idx'),
                    models.Index(fields=['status'], name='ads_program_status_cffd96_idx'),
                    models.Index(fields=['username', 'yelp_business_id'], name='ads_program_usernam_588bdf_idx'),
                    models.Index(fields=['username', 'program_id'], name='ads_program_usernam_0ff760_idx'),
                    models.Index(fields=['username', 'status'], name='ads_program_usernam_f0dfaa_idx'),
                    models.Index(fields=['username', 'yelp_business_id', 'status'], name='ads_program_usernam_5babcd_idx'),
                    models.Index(fields=['username', 'program_name'], name='ads_program_usernam_8c6a48_idx'),
                    models.Index(fields=['username', 'status', 'program_name'], name='ads_program_usernam_0271cc_idx'),
                    models.Index(fields=['username', 'yelp_business_id', 'program_name'], name='ads_program_usernam_d4a89d_idx'),
                    models.Index(fields=['username', 'yelp_business_id', 'status', 'program_name'], name='ads_program_usernam_fd4d11_idx'),
                    models.Index(fields=['username', 'program_status'], name='ads_program_usernam_f8f4b4_idx'),
                    models.Index(fields=['username', 'start_date'], name='ads_program_usernam_b53d8c_idx'),
                    models.Index(fields=['username', 'updated_at'], name='ads_program_usernam_1c00dd_idx'),
                    models.Index(fields=['yelp_business_id', 'business_name'], name='ads_program_yelp_bu_1120e3_idx'),
                ],
                'constraints': [models.UniqueConstraint(fields=('username', 'program_id'), name='ads_program_unique')],
            },
        ),
    ]
