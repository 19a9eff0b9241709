from django.db import migrations


def confirm_addresses(apps, schema_editor):
    """Those who could sign in until now can go on: their address was given by who made the account."""
    User = apps.get_model("accounts", "User")
    EmailAddress = apps.get_model("account", "EmailAddress")
    for user in User.objects.filter(emailaddress=None).iterator():
        EmailAddress.objects.create(user=user, email=user.email.lower(), primary=True, verified=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_logins_cascade")]

    operations = [migrations.RunPython(confirm_addresses, migrations.RunPython.noop)]
