from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0003_standing'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='guise',
            field=models.TextField(null=True),
        ),
    ]
