"""One of everything: whoever may sign in, and a row behind each address of the site."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone
from PIL import Image

from accounts.merging import merge_people
from accounts.models import Person, User
from accounts.roles import Role
from callcenter.models import NightReport
from callcenter.night_reports import morning_of
from interventions import identity_documents
from interventions.annual_reports import freeze
from interventions.models import (
    DutyDecision,
    Dwelling,
    EmergencyAlert,
    Estimate,
    IdentityDocument,
    Intervention,
    Invoice,
    Landlord,
    ReportDraft,
    SpendingApproval,
    Status,
    Subscription,
)
from interventions.photos import add_photo
from interventions.reports import DRAFT_KEPT
from privacy.models import RightsRequest
from tests.factories import (
    AnsweredCallFactory,
    AppointmentFactory,
    CallbackFactory,
    CallFactory,
    ComplaintFactory,
    DwellingFactory,
    FinancialYearFactory,
    IncidentFactory,
    InterventionFactory,
    InvoiceFactory,
    LogEntryFactory,
    OnCallShiftFactory,
    PersonFactory,
    PhoneFactory,
    ProviderFactory,
    RelocationFactory,
    ResidenceFactory,
    SafetyAlertFactory,
    ShiftFactory,
    TenancyFactory,
    UserFactory,
)

PLACE = re.compile(r"<\w+>")
FITTING = {
    r"admin/\^": "admin/privacy/",
    r"admin/\(\?P": "admin/nothing-here/",
    r"\^compte/": "compte/mot-de-passe/oublie/1-no-such-key/",
}


def plain_form(address: str) -> str:
    """Without what converts its places; the few that are regular expressions, as one address that fits."""
    for expression, fitting in FITTING.items():
        if re.match(expression, address):
            return fitting
    return re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", address)


@dataclass
class World:
    users: dict[Role, User]
    values: dict[str, Any] = field(default_factory=dict)  # the start of addresses → what its last place holds
    others: list[dict[str, Any]] = field(default_factory=list)  # the same rows of a neighbour's and of a stranger's

    def is_somebodys(self, address: str) -> bool:
        """Whether it names a row that is one tenant's."""
        plain = plain_form(address)
        return any(plain.startswith(start) for start in self.others[0])

    def path(self, address: str, values: dict[str, Any] | None = None) -> str:
        """The address with a real row in each of its places. LookupError where there is none."""
        values = self.values | (values or {})
        path = address = plain_form(address)
        if address.startswith("admin/"):
            return "/" + PLACE.sub(str(NO_ROW), address)
        for number, place in enumerate(PLACE.findall(address), start=1):
            starts = [key for key in values if address.startswith(key) and len(PLACE.findall(key)) == number]
            if not starts:
                raise LookupError(f"The world has nothing for place {number} of {address}")
            path = path.replace(place, str(values[max(starts, key=len)]), 1)
        return f"/{path}"


NO_ROW = 999_999_999  # of the admin site: who may not look is turned away before anything is looked up
NO_TOKEN = "no-such-token"


def spending_of(intervention: Intervention) -> SpendingApproval:
    return SpendingApproval.objects.create(
        intervention=intervention,
        provider=ProviderFactory(),
        amount=450,
        limit=300,
        what="Ballon",
        asked_at=timezone.now(),
        token_hash="0" * 64,
    )


def night_report_of(landlord: Landlord, *, now: datetime) -> NightReport:
    this_morning = morning_of(timezone.localdate(now))
    return NightReport.objects.create(
        landlord=landlord, from_at=this_morning - timedelta(days=1), until_at=this_morning, made_at=now
    )


def duty_question_of(intervention: Intervention, *, by: User) -> DutyDecision:
    return DutyDecision.objects.create(
        intervention=intervention, question="Ouvrir la chaufferie", asked_at=timezone.now(), asked_by=by
    )


def invoice_of(day: date, **debtor: Any) -> Invoice:
    return InvoiceFactory(financial_year=FinancialYearFactory(starts_on=date(day.year, 1, 1)), issued_on=day, **debtor)


def make_world() -> World:
    now = timezone.now()
    tenant, neighbour, stranger = PersonFactory.create_batch(3)
    users: dict[Role, User] = {
        role: UserFactory(role=role, person=tenant if role == Role.TENANT else None) for role in Role
    }
    agent, supervisor = users[Role.AGENT], users[Role.SUPERVISOR]
    residence = ResidenceFactory()
    dwelling = DwellingFactory(residence=residence)
    theirs = rows_of(tenant, dwelling)
    ShiftFactory(started_at=now, opened_by=agent)
    incident = IncidentFactory(residence=residence, opened_at=now, opened_by=agent)
    intervention = InterventionFactory(residence=residence, dwelling=dwelling, occupant=tenant, opened_at=now)
    call = AnsweredCallFactory(agent=agent, started_at=now, answered_at=now, caller=tenant)
    alert = SafetyAlertFactory(
        dwelling=dwelling, residence=None, raised_by=agent, starts_on=now.date(), expires_on=now.date()
    )
    residence.landlord.managers.add(users[Role.LANDLORD_MANAGER])
    report = freeze(residence.landlord, year=now.year - 1, now=now)
    night = night_report_of(residence.landlord, now=now)
    rows = {
        "bailleur/factures/<pk>": invoice_of(now.date(), landlord=residence.landlord).pk,
        "bailleur/interventions/<pk>": intervention.pk,
        "bailleur/rapports/<pk>": report.pk,
        "api/bailleur/v1/<path>": "nothing-here",
        "api/bailleur/v1/interventions/<pk>": intervention.pk,
        "bailleur/rapports/<day>": night.day,
        "bailleur/rapports/<day>/lignes/<pk>": night.lines.create(intervention=intervention, kind="open").pk,
        "compte/adresse/<key>": "no-such-key",
        "compte/second-facteur/cles/<pk>": NO_ROW,
        "compte/sessions/<pk>": NO_ROW,
        "console/abonnements/<pk>": theirs["portail/abonnement/<pk>/fin"],
        "console/abonnements/pieces/<pk>": theirs["piece"],
        "console/alertes/<pk>": alert.pk,
        "console/astreintes/<pk>": OnCallShiftFactory().pk,
        "console/astreintes/<token>": NO_TOKEN,
        "console/astreintes/calendriers/<pk>": NO_ROW,
        "console/appels/<pk>": call.pk,
        "console/appels/<pk>/decrocher": CallFactory(started_at=now).pk,
        "console/appels/<pk>/intervention/<intervention_pk>": intervention.pk,
        "console/droits/<pk>": RightsRequest.objects.create(person=tenant, right="access", received_on=now.date()).pk,
        "console/enregistrements/<pk>": NO_ROW,
        "console/fusions/<pk>": merge_people(PersonFactory(), PersonFactory(), by=supervisor, now=now).pk,
        "console/incidents/<pk>": incident.pk,
        "console/incidents/<pk>/interventions/<intervention_pk>": intervention.pk,
        "console/interventions/<pk>": intervention.pk,
        "console/interventions/<pk>/<to>": Status.DISPATCHED,
        "console/logements/<pk>": dwelling.pk,
        "console/main-courante/<pk>": LogEntryFactory(intervention=intervention, author=agent, at=now).pk,
        "console/main-courante/<subject>": "intervention",
        "console/main-courante/<subject>/<pk>": intervention.pk,
        "console/personnes/<pk>": tenant.pk,
        "console/personnes/<pk>/consentements/<purpose>": "surveys",
        "console/photos/<pk>": theirs["portail/photos/<pk>"],
        "console/rappels/<pk>": CallbackFactory(promised_at=now).pk,
        "console/reclamations/<pk>": theirs["portail/reclamations/<pk>"],
        "console/residences/<pk>": residence.pk,
        "console/residences/<residence_pk>": residence.pk,
        "confidentialite/<version>": "1999-01-01",
        "confidentialite/copie/<token>": NO_TOKEN,
        "confidentialite/destinataire/<token>": NO_TOKEN,
        "confidentialite/droits/<right>": "information",
        "confidentialite/lettre/<token>": NO_TOKEN,
        "cti/<token>": NO_TOKEN,
        "console/relogements/<pk>": RelocationFactory(intervention=intervention).pk,
        "console/secours/<pk>": EmergencyAlert.objects.create(
            intervention=intervention, service="fire", danger="fire", at=now, by=agent
        ).pk,
        "hotel/<token>": NO_TOKEN,
        "console/astreintes/cadres/<pk>": NO_ROW,
        "console/cadres/<pk>": duty_question_of(intervention, by=agent).pk,
        "console/depenses/<pk>": spending_of(intervention).pk,
        "p/<token>": NO_TOKEN,
        "p/depense/<token>": NO_TOKEN,
        "p/effacement/<token>": NO_TOKEN,
        "portail/abonnement/<pk>": residence.landlord_id,
        "portail/accords/<purpose>": "surveys",
        "portail/droits/<right>": "information",
        "portail/lien/<token>": NO_TOKEN,
        "portail/mes-donnees/<name>": "interventions.intervention",
        "portail/signaler/<pk>/<step>": "where",
    }
    others = [rows_of(neighbour, DwellingFactory(residence=residence)), rows_of(stranger, DwellingFactory())]
    return World(users, rows | theirs, others)


def rows_of(person: Person, dwelling: Dwelling) -> dict[str, Any]:
    """A tenant, and a row of theirs behind each address of the portal that names one."""
    now = timezone.now()
    TenancyFactory(person=person, dwelling=dwelling)
    phone = PhoneFactory(person=person)
    intervention = InterventionFactory(
        residence=dwelling.residence, dwelling=dwelling, occupant=person, opened_at=now, status=Status.APPOINTMENT
    )
    AppointmentFactory(intervention=intervention, starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=2))
    draft = ReportDraft.objects.create(person=person, dwelling=dwelling, started_at=now, expires_at=now + DRAFT_KEPT)
    subscription = Subscription.objects.create(
        person=person, landlord=dwelling.residence.landlord, asked_at=now, identity_asked_at=now
    )
    document = identity_documents.add(
        subscription, kind=IdentityDocument.Kind.CARD, stream=BytesIO(a_picture()), now=now
    )
    return {
        "piece": document.pk,
        "portail/abonnement/<pk>/fin": subscription.pk,
        "portail/abonnement/<pk>/piece": subscription.pk,
        "portail/compte/telephone/<pk>": phone.pk,
        "portail/demandes/<pk>": intervention.pk,
        "portail/devis/<pk>": Estimate.objects.create(
            intervention=intervention,
            person=person,
            billed_name=person.full_name,
            prepared_at=now,
            offered_at=now,
            valid_until=now.date() + timedelta(days=30),
        ).pk,
        "portail/factures/<pk>": invoice_of(now.date(), person=person).pk,
        "portail/droits/demandes/<pk>": RightsRequest.objects.create(
            person=person, right=RightsRequest.Right.ACCESS, received_on=now.date()
        ).pk,
        "portail/photos/<pk>": add_photo(draft, stream=BytesIO(a_picture()), now=now).pk,
        "portail/reclamations/<pk>": ComplaintFactory(person=person, landlord=dwelling.residence.landlord).pk,
        "portail/signaler/<pk>": draft.pk,
    }


def a_picture() -> bytes:
    content = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(content, "JPEG")
    return content.getvalue()
