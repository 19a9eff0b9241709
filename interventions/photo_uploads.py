"""Forms that bring photos, read no further than these may be long."""

from typing import BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest

from interventions import photos

FORM_ITSELF = 1024**2  # bytes of a form beside its photos
LONGEST_BODY = photos.MOST * photos.MOST_BYTES + FORM_ITSELF


class PhotoUploads(TemporaryFileUploadHandler):
    """Files of a form, each read up to the length a photo may have. Those that go on are dropped, and counted."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.too_heavy = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > photos.MOST_BYTES:
            self.too_heavy += 1
            self.file.close()
            raise SkipFile
        super().receive_data_chunk(raw_data, start)


def too_long(request: HttpRequest) -> bool:
    """No ten photos fill that body: it is not read at all."""
    length = str(request.META.get("CONTENT_LENGTH", ""))
    return length.isdecimal() and int(length) > LONGEST_BODY


def dropped(request: HttpRequest) -> list[str]:
    """Why some of the files were, once."""
    handlers = [handler for handler in request.upload_handlers if isinstance(handler, PhotoUploads)]
    return [photos.too_heavy() for handler in handlers if handler.too_heavy][:1]


def opened(file: UploadedFile) -> BinaryIO:
    assert file.file is not None
    return file.file  # type: ignore[return-value]
