"""Rooms that wait for a yes or are hidden; who shows receipts moves to what people show at all."""

from django.db import migrations, models


def move_receipts(apps, schema_editor):  # type: ignore[no-untyped-def]
    silent = apps.get_model("chat", "Preferences").objects.filter(shows_receipts=False)
    privacy = apps.get_model("contacts", "Privacy")
    for user_id in silent.values_list("user_id", flat=True):
        privacy.objects.update_or_create(user_id=user_id, defaults={"receipts": "nobody"})


def move_back(apps, schema_editor):  # type: ignore[no-untyped-def]
    """Who shows receipts to friends alone has no such choice any more: then to nobody."""
    preferences = apps.get_model("chat", "Preferences")
    shy = apps.get_model("contacts", "Privacy").objects.exclude(receipts="everyone")
    for user_id in shy.values_list("user_id", flat=True):
        preferences.objects.update_or_create(user_id=user_id, defaults={"shows_receipts": False})


class Migration(migrations.Migration):

    dependencies = [
        ("chat", "0002_attention_and_keeping"),
        ("contacts", "0002_privacy_and_answers"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="standing",
            field=models.CharField(
                choices=[("open", "Open"), ("request", "Request"), ("hidden", "Hidden")],
                default="open",
                max_length=8,
            ),
        ),
        migrations.RunPython(move_receipts, move_back),
        migrations.RemoveField(model_name="preferences", name="shows_receipts"),
    ]
