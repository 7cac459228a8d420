from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invitations", "0001_first")]

    operations = [
        migrations.AddField(
            "invitation", "is_signed", models.BooleanField(default=False, db_default=False)
        ),
    ]
