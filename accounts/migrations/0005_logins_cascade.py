from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    """What hangs from a login goes with it in the database too, which is where the purge deletes."""

    dependencies = [
        ("accounts", "0004_sign_in"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
    ]

    operations = [
        on_delete("account_emailaddress", "user_id", "accounts_user", "CASCADE"),
        on_delete("account_emailconfirmation", "email_address_id", "account_emailaddress", "CASCADE"),
        on_delete("mfa_authenticator", "user_id", "accounts_user", "CASCADE"),
        on_delete("usersessions_usersession", "user_id", "accounts_user", "CASCADE"),
        on_delete("accounts_recoverycode", "user_id", "accounts_user", "CASCADE"),
    ]
