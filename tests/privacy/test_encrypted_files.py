import io
from random import Random

import pytest

from privacy.encrypted_files import CHUNK, TAG, Damaged, Reader, Stream, decrypted, encrypted, new_key

SIZES = [1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, 4 * CHUNK + 5]
KEY = new_key()


def clear_of(size):
    return Random(size).randbytes(size)


def seal(clear, key=KEY):
    chunks = (clear[begins : begins + CHUNK] for begins in range(0, len(clear), CHUNK))
    return b"".join(encrypted(chunks, size=len(clear), key=key))


def opened(sealed, *, size, key=KEY, **part):
    return b"".join(decrypted(io.BytesIO(sealed), size=size, key=key, **part))


@pytest.mark.parametrize("size", SIZES)
def test_what_goes_in_comes_out(size):
    sealed = seal(clear_of(size))
    assert clear_of(size)[:32] not in sealed
    assert opened(sealed, size=size) == clear_of(size)


@pytest.mark.parametrize("size", SIZES)
def test_any_part_is_read_without_the_rest(size):
    clear, draw = clear_of(size), Random(size)
    sealed = seal(clear)
    edges = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, size - 1, size}
    points = sorted(edge for edge in edges if 0 <= edge <= size) + [draw.randrange(size) for _ in range(10)]
    for start in points:
        for stop in points:
            if start < stop:
                assert opened(sealed, size=size, start=start, stop=stop) == clear[start:stop]


def test_a_part_opens_only_its_own_chunks():
    sealed = bytearray(seal(clear_of(4 * CHUNK)))
    sealed[0] ^= 1
    last = slice(3 * CHUNK, 4 * CHUNK)
    assert opened(bytes(sealed), size=4 * CHUNK, start=last.start) == clear_of(4 * CHUNK)[last]


def chunks(sealed):
    return [sealed[begins : begins + CHUNK + TAG] for begins in range(0, len(sealed), CHUNK + TAG)]


def flipped(sealed):
    middle = len(sealed) // 2
    return sealed[:middle] + bytes([sealed[middle] ^ 1]) + sealed[middle + 1 :]


def swapped(sealed):
    first, second, *rest = chunks(sealed)
    return b"".join([second, first, *rest])


def without_one(sealed):
    first, _, *rest = chunks(sealed)
    return b"".join([first, *rest])


DAMAGES = {
    "flipped": flipped,
    "swapped": swapped,
    "without one": without_one,
    "last chunk cut off": lambda sealed: b"".join(chunks(sealed)[:-1]),
    "last byte cut off": lambda sealed: sealed[:-1],
    "empty": lambda sealed: b"",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("size", [3 * CHUNK, 3 * CHUNK + 9])
def test_what_was_touched_does_not_open(damage, size):
    sealed = seal(clear_of(size))
    assert opened(sealed, size=size) == clear_of(size)
    with pytest.raises(Damaged):
        opened(damage(sealed), size=size)


def test_a_row_that_says_it_is_shorter_opens_nothing():
    sealed = seal(clear_of(3 * CHUNK))
    with pytest.raises(Damaged):
        opened(sealed, size=2 * CHUNK)


def test_another_file_s_key_opens_nothing():
    sealed = seal(clear_of(CHUNK))
    with pytest.raises(Damaged):
        opened(sealed, size=CHUNK, key=new_key())


def test_pieces_are_read_as_a_file_whatever_their_sizes():
    pieces = [b"abc", b"d", b"efghij"]
    assert io.BufferedReader(Reader(pieces), 4).read() == b"abcdefghij"
    assert [io.BufferedReader(Reader(pieces), 4).read(7)] == [b"abcdefg"]


# A stream whose length nobody knows before its end --------------------------------------------------------------------


def streamed(clear, *, pieces_of, key=KEY):
    stream = Stream((clear[begins : begins + pieces_of] for begins in range(0, len(clear), pieces_of)), key=key)
    return b"".join(stream.encrypted()), stream.size


@pytest.mark.parametrize("pieces_of", [1000, CHUNK, 3 * CHUNK + 7])
@pytest.mark.parametrize("size", [0, *SIZES])
def test_a_stream_comes_out_as_it_went_in(size, pieces_of):
    sealed, length = streamed(clear_of(size), pieces_of=pieces_of)
    assert length == size
    assert opened(sealed, size=size, streamed=True) == clear_of(size)


@pytest.mark.parametrize("damage", [flipped, swapped, lambda sealed: sealed[: 2 * (CHUNK + TAG)]])
def test_a_stream_that_was_changed_moved_or_cut_does_not_open(damage):
    sealed, size = streamed(clear_of(4 * CHUNK), pieces_of=5000)
    assert opened(sealed, size=size, streamed=True)
    with pytest.raises(Damaged):
        opened(damage(sealed), size=size, streamed=True)
    with pytest.raises(Damaged):
        opened(sealed[: 2 * (CHUNK + TAG)], size=2 * CHUNK, streamed=True)
