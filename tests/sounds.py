"""Sounds that are what they say, small enough to be many and long enough to fill several encrypted chunks."""

from random import Random

from callcenter.demo.sounds import tune
from privacy.encrypted_files import CHUNK

LENGTH = 3 * CHUNK + 1234
NOISE = Random(7).randbytes(LENGTH)

WAV = (tune(1).getvalue() + NOISE)[:LENGTH]
MP3 = (b"\xff\xfb\x90\x64" + NOISE)[:LENGTH]
TAGGED_MP3 = (b"ID3\x04\x00" + NOISE)[:LENGTH]
OGG = (b"OggS" + bytes(24) + b"OpusHead" + NOISE)[:LENGTH]
