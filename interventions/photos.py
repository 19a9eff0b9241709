"""
Tenants' and providers' photos: made anew from their pixels, so that nothing else of the file that was sent is kept, and
encrypted.

What is let in is what phones make: JPEG, PNG and WebP, known by their content. HEIC is not: phones turn it into JPEG
for a form that asks for that, and its decoder would be one more door.
"""

import hashlib
import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import BinaryIO
from uuid import uuid4

from cryptography.fernet import InvalidToken
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from interventions.models import Intervention, Photo, ReportDraft
from privacy import antivirus
from privacy.encrypted_files import CHUNK, ClearFile, Damaged, Unreadable, decrypted, encrypted, new_key
from privacy.encryption import cipher
from privacy.retention import files
from privacy.retention.deletion import paths

logger = logging.getLogger(__name__)

MOST = 10  # a report, or a provider's job
MEBIBYTE = 1024**2
MOST_BYTES = 20 * MEBIBYTE
MOST_PIXELS = 50_000_000
LONGEST_SIDE, THUMBNAIL_SIDE = 2048, 320
QUALITY, THUMBNAIL_QUALITY = 85, 75
FORMATS = ("JPEG", "PNG", "WEBP")
Image.init()  # or only some of them are known yet
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis", b"avif")


class Refused(Exception):
    """The file is not taken in, and nothing of it is kept. The message says why, in the reader's language."""


# Taking in ------------------------------------------------------------------------------------------------------------


def add_photo(draft: ReportDraft, *, stream: BinaryIO, now: datetime) -> Photo:
    """
    Keep a picture with the draft. The same one sent twice (a line that broke) is kept once.

    Raises Refused; then nothing is kept. The file is written first, under a key that is nowhere else yet.
    """
    picture = taken_in(stream)
    with ExitStack() as undo:
        with transaction.atomic():
            current = ReportDraft.objects.select_for_update(of=("self",)).unsent().filter(pk=draft.pk).first()
            if current is None:
                raise Refused(_("Ce signalement est déjà envoyé ou jeté."))
            photo = keep(picture, of=current, kind=Photo.Kind.TENANT, undo=undo, now=now)
        undo.pop_all()
    return photo


def add_job_photo(intervention: Intervention, *, stream: BinaryIO, kind: Photo.Kind, now: datetime) -> Photo:
    """What a provider saw, did or had signed, kept with the intervention. As `add_photo` otherwise. Raises Refused."""
    picture = taken_in(stream)
    with ExitStack() as undo:
        with transaction.atomic():
            open_ones = Intervention.objects.select_for_update(of=("self",)).open()
            current = open_ones.filter(pk=intervention.pk).first()
            if current is None:
                raise Refused("Cette intervention est terminée.")
            photo = keep(picture, of=current, kind=kind, undo=undo, now=now)
        undo.pop_all()
    return photo


def taken_in(stream: BinaryIO) -> "Picture":
    """Raises Refused."""
    content = stream.read(MOST_BYTES + 1)
    refuse_unless_clean(content)
    return redrawn(content)


def keep(
    picture: "Picture", *, of: ReportDraft | Intervention, kind: Photo.Kind, undo: ExitStack, now: datetime
) -> Photo:
    """In the caller's transaction, whose failure `undo` makes up for: the file goes again. Raises Refused."""
    held = of.photos.filter(kind=kind)
    if same := held.filter(sha256=picture.sha256).first():
        return same
    if held.count() >= MOST:
        raise Refused(_("Vous avez déjà %(most)d photos, c’est le plus que nous prenons.") % {"most": MOST})
    key, path = new_key(), f"photos/{uuid4().hex}"
    undo.callback(default_storage.delete, path)
    default_storage.save(path, ContentFile(b"".join(picture.encrypted(key))))
    return Photo.objects.create(
        draft=of if isinstance(of, ReportDraft) else None,
        intervention=of if isinstance(of, Intervention) else None,
        kind=kind,
        file=path,
        wrapped_key=cipher().encrypt(key),
        sha256=picture.sha256,
        size=len(picture.thumbnail) + len(picture.whole),
        thumbnail_size=len(picture.thumbnail),
        added_at=now,
    )


def refuse_unless_clean(content: bytes) -> None:
    if not content:
        raise Refused(_("Ce fichier est vide."))
    if len(content) > MOST_BYTES:
        raise Refused(too_heavy())
    try:
        antivirus.scan(content)
    except antivirus.Infected as error:
        raise Refused(_("Ce fichier est dangereux : nous ne l’avons pas gardé.")) from error
    except antivirus.ScannerUnavailable as error:
        logger.error("no scanner", extra={"error": str(error)})
        raise Refused(_("Nous ne pouvons pas vérifier les photos en ce moment. Réessayez dans une minute.")) from error


def too_heavy() -> str:
    return _("Cette photo dépasse %(most)d Mo. Choisissez-en une plus légère.") % {"most": MOST_BYTES // MEBIBYTE}


def too_large() -> str:
    return _("Cette image est trop grande pour être une photo de téléphone.")


@dataclass(frozen=True)
class Picture:
    """A photo and its thumbnail, as JPEG."""

    thumbnail: bytes
    whole: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.whole).hexdigest()

    def encrypted(self, key: bytes) -> Iterator[bytes]:
        clear = self.thumbnail + self.whole
        pieces = (clear[begins : begins + CHUNK] for begins in range(0, len(clear), CHUNK))
        return encrypted(pieces, size=len(clear), key=key)


def redrawn(content: bytes) -> Picture:
    """The picture upright, no larger than we need, and without anything but its pixels. Raises Refused."""
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        raise Refused(
            _("Nous ne lisons pas ce format d’iPhone (HEIC). Réglages › Appareil photo › Formats : le plus compatible.")
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd about a stranger's file is no concern of ours
            return drawn(content)
    except Refused:
        raise
    except Image.DecompressionBombError as error:
        raise Refused(too_large()) from error
    except Exception as error:  # hostile bytes make decoders fail in any way
        raise Refused(_("Ce fichier n’est pas une photo que nous savons lire. Envoyez du JPEG ou du PNG.")) from error


def drawn(content: bytes) -> Picture:
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise Refused(too_large())
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is read at a size near the one that is kept
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        whole = opaque(upright)
    small = ImageOps.contain(whole, (THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return Picture(jpeg(small, quality=THUMBNAIL_QUALITY), jpeg(whole, quality=QUALITY))


def opaque(image: Image.Image) -> Image.Image:
    """A new image of the pixels alone: no EXIF, comment, profile or text goes along. What is transparent is white."""
    ground = Image.new("RGB", image.size, "white")
    seen = image.convert("RGBA" if image.has_transparency_data else "RGB")
    ground.paste(seen, mask=seen if seen.mode == "RGBA" else None)
    return ground


def jpeg(image: Image.Image, *, quality: int) -> bytes:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=quality, progressive=True, optimize=True)
    return written.getvalue()


# Showing --------------------------------------------------------------------------------------------------------------


def pixels(photo: Photo, *, thumbnail: bool) -> Iterator[bytes]:
    """The JPEG, piece by piece. Raises Unreadable, before the first of them or where it is damaged."""
    start, stop = (0, photo.thumbnail_size) if thumbnail else (photo.thumbnail_size, photo.size)
    pieces = clear_pieces(photo, start=start, stop=stop)
    return chain([next(pieces)], pieces)


def clear_photo(photo: Photo) -> ClearFile:
    return ClearFile("image/jpeg", clear_pieces(photo, start=photo.thumbnail_size, stop=photo.size))


def clear_pieces(photo: Photo, *, start: int, stop: int) -> Iterator[bytes]:
    try:
        key = cipher().decrypt(bytes(photo.wrapped_key))
        with photo.file.open("rb") as file:
            yield from decrypted(file, size=photo.size, key=key, start=start, stop=stop)
    except (InvalidToken, FileNotFoundError, Damaged) as error:
        raise Unreadable(f"{photo}: {type(error).__name__}") from error


# Taking away ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def remove_photos(photos: list[Photo], *, now: datetime) -> None:
    """Rows now, files after the commit."""
    rows = Photo.objects.filter(pk__in=[photo.pk for photo in photos])
    files.queue(paths(rows, ("file",)), now=now)
    rows.delete()
    transaction.on_commit(files.remove_queued)
