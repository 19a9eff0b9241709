from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from interventions import attestations, extracts, photos, provider_links
from interventions import spending as approvals
from interventions.lifecycle import LifecycleError, StaleIntervention
from interventions.models import ProviderLink, SpendingApproval, Status
from interventions.photo_uploads import PhotoUploads, dropped, opened, too_long
from interventions.provider import steps
from interventions.provider.doors import Gone, secret_page
from interventions.provider.forms import SpendingForm, StepForm
from privacy import disclosure
from privacy.disclosure import DisclosureRefused
from privacy.restriction import Restricted

NBSP = "\N{NO-BREAK SPACE}"
MOVED_ON = f"L’intervention a changé entre-temps. Cette étape n’est pas enregistrée{NBSP}: voici où elle en est."


# The job --------------------------------------------------------------------------------------------------------------


@secret_page
def job(request: HttpRequest, token: str) -> HttpResponse:
    """What a provider needs to go there, for whoever has the link, and what it says of its work."""
    now = timezone.now()
    link = provider_links.find_link(token)
    if link is None:
        raise Gone
    if request.method == "POST":
        return say(request, link, token, now=now)
    if request.method == "GET":
        provider_links.note_opening(link, now=now)
    return job_page(request, link, now=now)


def say(request: HttpRequest, link: ProviderLink, token: str, *, now: datetime) -> HttpResponse:
    if too_long(request):
        return job_page(request, link, now=now, problems=[photos.too_heavy()], status=413)
    request.upload_handlers = [PhotoUploads(request)]
    word = request.POST.get("step", "")
    sent = [opened(file) for file in request.FILES.getlist("photos")]
    problems = [*dropped(request), *steps.keep_photos(link.intervention, streams=sent, now=now)]
    if word == "photos":
        return job_page(request, link, now=now, problems=problems, status=422) if problems else back_to(token)
    if word == "spend":
        return ask_to_spend(request, link, token, now=now)
    if word not in steps.FORMS:
        return job_page(request, link, now=now, problems=["Choisissez ce que vous voulez dire."], status=422)
    form = steps.FORMS[word](request.POST, version=link.intervention.version, now=now)
    if "version" in form.errors:
        return moved_on(request, link, word, now=now)
    if problems or not form.is_valid():
        return job_page(request, link, now=now, said={word: form}, problems=problems, status=422)
    drawn = request.FILES.get("signature")
    try:
        steps.take(link.intervention, form, signature=opened(drawn) if drawn else None, now=now)
    except steps.AlreadyDone:
        pass
    except StaleIntervention:
        return moved_on(request, again(token), word, now=now)
    except Restricted:
        raise Gone from None
    except (LifecycleError, photos.Refused) as error:
        return job_page(request, again(token), now=now, said={word: form}, problems=[str(error)], status=422)
    if form.to == Status.QUALIFIED:
        return render(request, "provider/declined.html")
    return back_to(token)


def moved_on(request: HttpRequest, link: ProviderLink, word: str, *, now: datetime) -> HttpResponse:
    """What was typed, on the job as it is now: to read, then to send or drop."""
    version = link.intervention.version
    typed = steps.FORMS[word]({**request.POST.dict(), "version": version}, version=version, now=now)
    return job_page(request, link, now=now, said={word: typed}, problems=[MOVED_ON], status=409)


def ask_to_spend(request: HttpRequest, link: ProviderLink, token: str, *, now: datetime) -> HttpResponse:
    form = SpendingForm(request.POST, version=link.intervention.version, now=now)
    if not form.is_valid():
        return job_page(request, link, now=now, said={"spend": form}, status=422)
    said = form.cleaned_data
    try:
        approvals.ask(link.intervention, amount=said["amount"], what=said["text"], by=None, now=now)
    except (provider_links.NoJob, Restricted):
        raise Gone from None
    except (approvals.SpendingError, DisclosureRefused) as error:
        return job_page(request, link, now=now, problems=[str(error)], status=422)
    return back_to(token)


def back_to(token: str) -> HttpResponse:
    return redirect("provider:job", token)


def again(token: str) -> ProviderLink:
    """As it is after what went wrong. Raises Gone."""
    link = provider_links.find_link(token)
    if link is None:
        raise Gone
    return link


def job_page(
    request: HttpRequest,
    link: ProviderLink,
    *,
    now: datetime,
    said: dict[str, StepForm] | None = None,
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`said` are forms that were sent and are shown again. Raises Gone."""
    intervention, said = link.intervention, said or {}
    given = provider_links.give_job_or_none(link, now=now)
    if given is None:
        raise Gone
    version = intervention.version
    forms = {
        word: said.get(word) or steps.FORMS[word](version=version, now=now)
        for word in steps.STEPS.get(intervention.status, ())
    }
    limit = approvals.limit_for(intervention, provider=link.provider)
    context: dict[str, Any] = {
        "job": given,
        "state": intervention.status,
        "slot": intervention.appointments.last() if intervention.status == Status.APPOINTMENT else None,
        "last": intervention.transitions.last(),
        "forms": forms,
        "takes_photos": intervention.status in steps.TAKES_PHOTOS,
        "photos": intervention.photos.from_provider().count(),
        "limit": limit,
        "approval": intervention.approvals.filter(provider=link.provider).last(),
        "problems": problems or [],
    }
    if limit is not None and intervention.status in steps.MAY_SPEND:
        context["spending_form"] = said.get("spend") or SpendingForm(version=version, now=now)
    return render(request, "provider/job.html", context, status=status)


# The landlord's word --------------------------------------------------------------------------------------------------

DECISIONS = {"yes": True, "no": False}


@secret_page
def spending(request: HttpRequest, token: str) -> HttpResponse:
    """For the landlord: an amount above the limit, to approve or to refuse. The link is dead once it was used."""
    approval = approvals.find(token)
    if approval is None:
        raise Gone
    now = timezone.now()
    if request.method == "POST" and request.POST.get("decision") in DECISIONS:
        try:
            approvals.decide(approval, approved=DECISIONS[request.POST["decision"]], by=None, now=now)
        except approvals.SpendingError:
            raise Gone from None
        return render(request, "provider/spending_decided.html", {"approved": request.POST["decision"] == "yes"})
    return render(request, "provider/spending.html", spending_context(approval, now=now))


def spending_context(approval: SpendingApproval, *, now: datetime) -> dict[str, Any]:
    intervention = approval.intervention
    try:
        given = disclosure.give(
            extracts.SPENDING, intervention, to=str(intervention.landlord), by=approval.asked_by, now=now
        )
    except DisclosureRefused:
        raise Gone from None
    return {"job": given, "approval": approval}


# The end --------------------------------------------------------------------------------------------------------------


@secret_page
def deletion(request: HttpRequest, token: str) -> HttpResponse:
    """Nothing happens by looking: mail programs open links by themselves."""
    attestation = attestations.find(token)
    if attestation is None:
        raise Gone
    if request.method == "POST":
        attestations.attest(attestation, now=timezone.now())
        return redirect("provider:deletion", token)
    return render(request, "provider/deletion.html", {"attestation": attestation})
