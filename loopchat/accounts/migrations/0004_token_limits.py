from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_devices_and_applications")]

    operations = [
        migrations.AddField("token", "may_write", models.BooleanField(default=True)),
        migrations.AddField("token", "rooms", models.JSONField(blank=True, null=True)),
    ]
