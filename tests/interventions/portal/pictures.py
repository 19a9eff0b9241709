"""Files as phones and attackers make them, drawn here: nothing in them is anybody's."""

import io
import zipfile
import zlib
from typing import Any

from PIL import ExifTags, Image

CANARY = "Canari de la Tour, 48.5734 N"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def drawing(size: tuple[int, int] = (640, 480), mode: str = "RGB") -> Image.Image:
    """A gradient, red on the left: what is up and what is left can be told."""
    ramp = Image.linear_gradient("L").resize(size)
    image = Image.merge("RGB", (ramp.rotate(90).resize(size), ramp, Image.new("L", size, 90)))
    return image.convert(mode)


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def phone_photo(size: tuple[int, int] = (3000, 2000), *, orientation: int = 1) -> bytes:
    """A JPEG with what phones write into it: place, model, date, a comment."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.ImageDescription] = CANARY
    exif[ExifTags.Base.Make] = "Canari"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSLatitude] = (48.0, 34.0, 24.0)
    return written(drawing(size), "JPEG", exif=exif, comment=CANARY.encode(), quality=90)


def a_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("evil.html", f"<script>alert('{CANARY}')</script>")
    return file.getvalue()


def png_that_unpacks(width: int, height: int) -> bytes:
    """A PNG of a few hundred kilobytes at most that says it is so large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 0, 0, 0, 0])
    pixels = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


SVG = f'<svg xmlns="http://www.w3.org/2000/svg"><script>alert("{CANARY}")</script></svg>'.encode()
PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)
