from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_token_limits")]

    operations = [
        migrations.AddField(
            "user", "is_deleted", models.BooleanField(default=False, editable=False)
        ),
    ]
