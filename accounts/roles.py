from django.db.models import TextChoices


class Role(TextChoices):
    AGENT = "agent", "Agent"
    SUPERVISOR = "supervisor", "Superviseur"
    DPO = "dpo", "Délégué à la protection des données"
    ACCOUNTING = "accounting", "Comptabilité"
    LANDLORD_MANAGER = "landlord_manager", "Gestionnaire de bailleur"
    TENANT = "tenant", "Locataire"
    ADMINISTRATOR = "administrator", "Administrateur"


DESK_ROLES = frozenset({Role.AGENT, Role.SUPERVISOR})
LISTENING_ROLES = frozenset({Role.SUPERVISOR, Role.DPO})  # those in charge of quality, disputes and rights
ADMIN_SITE_ROLES = frozenset({Role.DPO, Role.ACCOUNTING, Role.ADMINISTRATOR})

# Where each role works: the name of the URL that signing in leads to.
DOORS: dict[str, str] = {
    Role.AGENT: "console:board",
    Role.SUPERVISOR: "console:board",
    Role.DPO: "admin:index",
    Role.ACCOUNTING: "admin:index",
    Role.ADMINISTRATOR: "admin:index",
    Role.LANDLORD_MANAGER: "landlord:home",
    Role.TENANT: "portal:home",
}

# What each role may do in the admin site, as ``app.action_model``, with * for any. The administrator sets the site up
# and sees that the purge runs; holds, requests and go-aheads are the DPO's alone.
PERMISSIONS: dict[str, tuple[str, ...]] = {
    Role.ADMINISTRATOR: (
        "accounts.*",
        "interventions.*",
        "callcenter.*",
        "privacy.view_journalentry",
        "privacy.view_purgerun",
        "privacy.view_receipt",
        "privacy.view_fileremoval",
        "privacy.view_policyversion",
        "privacy.view_outgoingmessage",
    ),
    Role.ACCOUNTING: (
        "interventions.view_invoice",
        "interventions.add_invoice",
        "interventions.view_payment",
        "interventions.add_payment",
        "interventions.*_invoicedraft",
        "interventions.*_draftline",
        "interventions.*_estimate",
        "interventions.*_estimateline",
        "interventions.view_invoicereminder",
        "interventions.*_reminderrule",
        "interventions.view_financialyear",
        "interventions.add_financialyear",
        "interventions.change_financialyear",
        "interventions.view_landlord",
        "interventions.change_landlord",
    ),
    Role.DPO: (
        "privacy.view_*",
        "privacy.add_purgeapproval",
        "privacy.add_legalhold",
        "privacy.change_legalhold",
        "privacy.change_exportpackage",
        "privacy.change_rightsrequest",
        "privacy.change_recipientnotice",
        "privacy.change_breach",
        "interventions.view_provider",
        "interventions.change_provider",
        "interventions.view_hotel",
        "interventions.view_complaint",
        "interventions.view_complaintmessage",
        "interventions.view_deletionattestation",
    ),
}
