import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def answer_for_those_there_are(apps, schema_editor):  # type: ignore[no-untyped-def]
    """Bots from before there was this table belong to those who run the server."""
    Bot = apps.get_model("bots", "Bot")
    users = apps.get_model("accounts", "User").objects.filter(is_bot=True)
    Bot.objects.bulk_create([Bot(user_id=user.pk) for user in users.only("pk")])


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0004_token_limits'),
        ('chat', '0003_standing'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Bot',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='bot', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('deleted_at', models.DateTimeField(null=True)),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='bots', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='IncomingHook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('label', models.CharField(blank=True, max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('bot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='incoming_hooks', to='bots.bot')),
                ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='incoming_hooks', to='chat.room')),
            ],
        ),
        migrations.AddIndex(
            model_name='incominghook',
            index=models.Index(condition=models.Q(('revoked_at__isnull', True)), fields=['room'], name='hook_of_room'),
        ),
        migrations.RunPython(answer_for_those_there_are, migrations.RunPython.noop, elidable=True),
    ]
