import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Tests of hooks: they are of no room, and somebody waits for them."""

    dependencies = [
        ('chat', '0005_begun_and_declined'),
        ('hooks', '0002_line'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='delivery',
            name='kind',
            field=models.CharField(choices=[('message', 'Message'), ('command', 'Command'), ('test', 'Test')], max_length=8),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='room',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.room'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('kind', 'test'), ('status', 'waiting')), fields=['due_ts'], name='delivery_test'),
        ),
    ]
