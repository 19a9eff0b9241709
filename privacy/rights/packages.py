"""
The copy of a person's data, from the request to the download (GDPR articles 15 and 20).

Asked for, it lists the texts in which somebody else may be named; the DPO reads them again and masks passages; then it
is built, encrypted, and released by a link that serves once, to who signs in or proves a known address by a code. Each
step that takes long is a task, found again by the clock when it was missed.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import chain

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from privacy import codes, journal
from privacy.encrypted_files import clear_pieces
from privacy.locks import alone
from privacy.long_files import failure_told, progress, written
from privacy.models import ExportPackage, MatchedRecord, ReviewedText, RightsRequest
from privacy.outbox import absolute, send
from privacy.registry import registry as declared
from privacy.retention import files
from privacy.rights import links
from privacy.rights.document import Contents, access_archive
from privacy.rights.gather import MASKED, FreeText, Show, Whole, free_texts, with_free_text
from privacy.rights.links import LinkGone
from privacy.rights.portable import portable_archive
from privacy.rights.readers import is_for_portability, readers_of
from privacy.rights.workflow import IdentityMissing, RequestError, locked, on_receipt_effects, unanswered
from privacy.statements import plans_kept
from privacy.subjects import told
from privacy.tokens import hash_of, new_token

Right = RightsRequest.Right
Failure = ExportPackage.Failure

COPIED = (Right.ACCESS, Right.PORTABILITY, Right.POST_MORTEM)


# Asking for one -------------------------------------------------------------------------------------------------------


@transaction.atomic
def prepare(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime) -> ExportPackage:
    """Begin the request’s copy, or go on with the one it has. Raises RequestError."""
    current = locked(request)
    if current.right not in COPIED:
        raise RequestError("Ce droit ne demande pas de copie.")
    if current.right == Right.POST_MORTEM and not current.scope:
        raise RequestError("Choisissez d’abord ce qui est remis.")
    if current.person is None:
        raise RequestError("La personne a été effacée.")
    if not current.identity:
        raise IdentityMissing
    package, is_new = ExportPackage.objects.get_or_create(request=current, defaults={"started_at": now})
    if is_new:
        journal.record(package, action="prepare_copy", by=by, now=now, request=current.pk)
    later(package)
    return package


@transaction.atomic
def begin_again(package: ExportPackage, *, by: AbstractBaseUser, now: datetime) -> None:
    """The data have changed, or the link was lost: a new copy. What was read again and is the same stays so."""
    current = ExportPackage.objects.select_for_update(of=("self",)).get(pk=package.pk)
    drop_file(current, now=now)
    for name, value in BLANK.items():
        setattr(current, name, value)
    current.started_at = now
    current.save()
    journal.record(current, action="prepare_copy", by=by, now=now, request=current.request_id)
    later(current)


@transaction.atomic
def match_record(request: RightsRequest, record: Model, *, by: AbstractBaseUser, now: datetime) -> None:
    """
    The DPO recognised the person in another record. What is about to go of it is copied into the request too.

    Raises RequestError once the request is answered.
    """
    current = unanswered(request)
    if record.pk == current.person_id:
        raise RequestError("C’est la fiche de la demande elle-même.")
    _, is_new = MatchedRecord.objects.get_or_create(request=current, person_id=record.pk)
    if is_new:
        journal.record(current, action="match_record", by=by, now=now, record=record.pk)
        for effect in on_receipt_effects:
            effect(current, now=now)


BLANK = {
    "listed_at": None,
    "reviewed_at": None,
    "reviewed_by": None,
    "done": 0,
    "total": 0,
    "failure": Failure.NONE,
    "built_at": None,
    "file": "",
    "wrapped_key": None,
    "size": 0,
    "files": 0,
    "unreadable": 0,
    "released_at": None,
    "token_hash": "",
    "fetched_at": None,
}


def drop_file(package: ExportPackage, *, now: datetime) -> None:
    if package.file:
        files.queue([files.Stored(files.storage_name(ExportPackage, "file"), str(package.file))], now=now)
        transaction.on_commit(files.remove_queued)


def later(package: ExportPackage) -> None:
    from privacy.tasks import make_package  # which calls `work_on`

    transaction.on_commit(partial(make_package.delay, package.pk), robust=True)


def work_on(pk: int, *, now: datetime) -> None:
    """What there is to do for the package, once: a second task at the same time leaves it alone."""
    with alone(f"package:{pk}") as nobody_else:
        package = ExportPackage.objects.to_do().filter(pk=pk).select_related("request").first()
        if not nobody_else or package is None:
            return
        with failure_told(package):
            if package.listed_at is None:
                list_texts(package, now=now)
            if package.reviewed_at is not None:
                build(package, now=now)


# Reading again --------------------------------------------------------------------------------------------------------


def list_texts(package: ExportPackage, *, now: datetime) -> None:
    """Note where there are texts to read again. Without any, it goes on by itself."""
    for found in texts_of(package.request, now=now):
        note_text(package, found)
    left = unread(package)
    package.listed_at = now
    package.reviewed_at = None if left else now
    package.failure = Failure.NONE
    package.save(update_fields=["listed_at", "reviewed_at", "failure"])


def unread(package: ExportPackage) -> int:
    return package.texts.filter(checked_at=None).count()


def texts_of(request: RightsRequest, *, now: datetime) -> Iterator[FreeText]:
    """All those of the copy. A portable one holds the person’s own words alone, where nobody else is in the row."""
    if is_for_portability(request):
        return
    whole = Whole.of(request)
    for dataset in filter(whole.takes_in, with_free_text(declared)):
        for row in whole.rows(dataset, now=now).iterator():
            piece = told(row, dataset, whole.person, account=whole.account, also=whole.also, checked=True)
            yield from free_texts(row, dataset, piece)


def note_text(package: ExportPackage, found: FreeText) -> None:
    """New, or not the words any more that were read: to be read."""
    where = {"model": found.dataset.name, "object_id": found.object_id, "field": found.field}
    digest = digest_of(found.text)
    kept = package.texts.filter(**where).first()
    if kept is None:
        package.texts.create(**where, text_hash=digest, shared=found.shared, whole=found.shared)
    elif kept.text_hash != digest or kept.shared != found.shared:
        kept.text_hash, kept.shared, kept.whole = digest, found.shared, found.shared
        kept.masks, kept.checked_at = [], None
        kept.save()


def digest_of(text: str) -> str:
    """Keyed: a short text could be guessed from its bare hash."""
    return salted_hmac("privacy.rights.packages.text", text, algorithm="sha256").hexdigest()


def with_words(texts: list[ReviewedText]) -> list[tuple[ReviewedText, str]]:
    """Each with its words, read where they are: a statement a model. What has gone meanwhile is forgotten."""
    rows: dict[tuple[str, int], Model] = {}
    for name in {text.model for text in texts}:
        numbers = [text.object_id for text in texts if text.model == name]
        found = apps.get_model(name)._base_manager.in_bulk(numbers)
        rows |= {(name, number): row for number, row in found.items()}
    there = [text for text in texts if (text.model, text.object_id) in rows]
    ReviewedText.objects.filter(pk__in={text.pk for text in texts} - {text.pk for text in there}).delete()
    return [(text, str(getattr(rows[text.model, text.object_id], text.field))) for text in there]


def check_text(text: ReviewedText, *, words: str, passages: list[str], whole: bool, now: datetime) -> None:
    """
    Mask these passages of `words`, wherever they are, or all of it; the text is read.

    Raises RequestError for a passage that is not in it, or for words that have changed meanwhile.
    """
    if not constant_time_compare(digest_of(words), text.text_hash):
        raise RequestError("Ce texte a changé depuis qu’il a été relevé. Recommencez la copie.")
    masks: list[list[int]] = []
    for passage in passages:
        at = words.find(passage)
        if at < 0:
            raise RequestError(
                f"«\N{NO-BREAK SPACE}{passage}\N{NO-BREAK SPACE}» n’est pas dans le texte. Recopiez-le tel qu’il est."
            )
        while at >= 0:
            masks.append([at, at + len(passage)])
            at = words.find(passage, at + len(passage))
    text.masks, text.whole, text.checked_at = sorted(masks), whole, now
    text.save(update_fields=["masks", "whole", "checked_at"])


def masked(words: str, masks: list[list[int]]) -> str:
    """The words without these passages, which may overlap."""
    kept, at = [], 0
    for start, stop in masks:
        if start >= at:
            kept += [words[at:start], MASKED]
        at = max(at, stop)
    return "".join([*kept, words[at:]])


@transaction.atomic
def finish_review(package: ExportPackage, *, by: AbstractBaseUser, now: datetime) -> None:
    """Raises RequestError while a text is unread."""
    current = ExportPackage.objects.select_for_update(of=("self",)).get(pk=package.pk)
    if current.listed_at is None:
        raise RequestError("Les textes sont encore en train d’être relevés.")
    if left := unread(current):
        raise RequestError(f"{left} texte(s) restent à relire.")
    if current.reviewed_at is not None:
        return
    current.reviewed_at, current.reviewed_by_id = now, by.pk
    current.save(update_fields=["reviewed_at", "reviewed_by"])
    journal.record(current, action="review_copy", by=by, now=now, texts=current.texts.count())
    later(current)


def as_reviewed(package: ExportPackage, unseen: list[FreeText]) -> Show:
    """Texts as they were let through; one that came since, or changed, is put into `unseen` and not shown."""
    read = {(text.model, text.object_id, text.field): text for text in package.texts.exclude(checked_at=None)}

    def show(found: FreeText) -> str | None:
        text = read.get((found.dataset.name, found.object_id, found.field))
        if text is None or text.text_hash != digest_of(found.text):
            unseen.append(found)
            return None
        return None if text.whole else masked(found.text, text.masks)

    return show


# Building -------------------------------------------------------------------------------------------------------------


def build(package: ExportPackage, *, now: datetime) -> None:
    """
    Write the archive, encrypted from its first byte on. Nothing of it stays if it fails; it is then built again.

    A text that nobody has read again sends it back to the DPO.
    """
    whole, contents, unseen = Whole.of(package.request), Contents(), list[FreeText]()
    total = sum(count for _, count in whole.counts)
    tick = progress(package, total=total)
    if is_for_portability(package.request):
        archive = portable_archive(whole, now=now, tick=tick, contents=contents)
    else:
        show = as_reviewed(package, unseen)
        archive = access_archive(
            whole, show=show, reference=package.request.reference, now=now, tick=tick, contents=contents
        )
    with plans_kept(), written(archive, folder="packages") as file:
        if unseen:
            for found in unseen:
                note_text(package, found)
            ExportPackage.objects.filter(pk=package.pk).update(reviewed_at=None, reviewed_by=None, done=0)
            return
        built = ExportPackage.objects.filter(pk=package.pk, reviewed_at=package.reviewed_at, built_at=None).update(
            file=file.path,
            wrapped_key=file.wrapped_key,
            size=file.size,
            files=contents.files,
            unreadable=contents.unreadable,
            done=contents.rows.total(),
            total=contents.rows.total(),
            built_at=now,
            failure=Failure.NONE,
        )
        if built:  # and not begun again, or erased, meanwhile
            file.keep()


# Handing out ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def release(package: ExportPackage, *, to: str, by: AbstractBaseUser, now: datetime) -> str:
    """
    Send the link to one of the person’s known addresses; former links are dead. Returns the token, kept nowhere.

    Raises RequestError while it is not built, or for an address that is not known to be theirs.
    """
    current = ExportPackage.objects.select_for_update(of=("self",)).select_related("request").get(pk=package.pk)
    person = current.request.person
    if current.built_at is None:
        raise RequestError("La copie n’est pas encore prête.")
    if person is None or to not in readers_of(current.request):
        raise RequestError("Choisissez une adresse ou un numéro que nous connaissons à cette personne.")
    token = new_token()
    current.token_hash, current.released_at, current.fetched_at = hash_of(token), now, None
    current.save(update_fields=["token_hash", "released_at", "fetched_at"])
    link = absolute(reverse("privacy:package", args=[token]))
    send("package_ready", to=to, person=person, link=link, now=now)
    journal.record(current, action="release_copy", by=by, now=now, request=current.request_id)
    return token


def find_package(token: str, *, now: datetime) -> ExportPackage:
    """Raises LinkGone."""
    found = ExportPackage.objects.open_to_link(now=now).select_related("request__person")
    package = found.filter(token_hash=hash_of(token), request__person__isnull=False).first()
    if package is None:
        raise LinkGone
    return package


def send_code(package: ExportPackage, *, to: str, now: datetime) -> None:
    """To one of the known addresses. Raises TooManyCodes, LinkGone for an address that is none of them."""
    person = package.request.person
    if person is None or to not in readers_of(package.request):
        raise LinkGone
    links.send_code(person, to=to, purpose=purpose_of(package), now=now)


def is_right_code(package: ExportPackage, code: str, *, now: datetime) -> bool:
    person = package.request.person
    return person is not None and codes.check(person, code, purpose=purpose_of(package), now=now)


def purpose_of(package: ExportPackage) -> str:
    return f"package:{package.pk}"


@transaction.atomic
def fetch(package: ExportPackage, *, by: AbstractBaseUser | None, now: datetime) -> Iterator[bytes]:
    """The clear bytes, once: the link is used up. Raises LinkGone when somebody was faster, Unreadable before."""
    pieces = clear_pieces(package.file, wrapped=package.wrapped_key, size=package.size)
    first = next(pieces)
    used = ExportPackage.objects.open_to_link(now=now).filter(pk=package.pk, token_hash=package.token_hash)
    if not used.update(fetched_at=now):
        raise LinkGone
    journal.record(package, action="download_copy", by=by, now=now, request=package.request_id)
    return chain([first], pieces)
