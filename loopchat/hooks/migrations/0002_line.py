from django.db import migrations, models


class Migration(migrations.Migration):
    """Whose turn it is is asked for each hook alone: the first in its line, and commands."""

    dependencies = [
        ('hooks', '0001_first'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='delivery',
            name='delivery_due',
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('status', 'waiting')), fields=['hook', 'id'], name='delivery_line'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('kind', 'command'), ('status', 'waiting')), fields=['due_ts'], name='delivery_command'),
        ),
    ]
