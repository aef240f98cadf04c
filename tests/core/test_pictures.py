"""Pictures that people upload, whole and broken, and the files they become."""

import io
import random
import struct
import zlib
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageChops, ImageStat

from storefront.core import imaging
from storefront.core.database import db
from storefront.core.errors import DomainError, Invalid, TooLarge
from storefront.core.imaging import decode, encode, keep_picture
from storefront.core.pictures import (
    EXTENSIONS,
    LARGEST_UPLOAD,
    Picture,
    PictureFile,
    has_avif,
    keep_encoded,
    path_of,
    widths_of,
)
from tests.support.queries import recorded_queries

RED, BLUE = (200, 30, 30), (30, 30, 200)


def an_upload(
    width: int = 1600, height: int = 1200, kind: str = "JPEG", mode: str = "RGB", **options: Any
) -> bytes:
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    stream = io.BytesIO()
    image.convert(mode).save(stream, format=kind, **options)
    return stream.getvalue()


def a_bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that claims to be gigantic."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
        + chunk(b"IEND", b"")
    )


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_kept_in_every_width_it_is_wide_enough_for(kind: str) -> None:
    encoded = encode(decode(an_upload(kind=kind)))
    assert (encoded.width, encoded.height) == (1200, 900)
    assert set(encoded.files) == {
        (width, format_) for width in (300, 600, 1200) for format_ in EXTENSIONS
    }
    for (width, format_), content in encoded.files.items():
        file = opened(content)
        assert (file.format or "").lower() == format_
        assert file.size == (width, width * 3 // 4)


@pytest.mark.parametrize(
    ("width", "kept"),
    [(200, [200]), (300, [300]), (800, [300, 600, 800]), (5000, [300, 600, 1200])],
)
def test_a_picture_is_never_enlarged(width: int, kept: list[int]) -> None:
    encoded = encode(decode(an_upload(width, width // 2)))
    assert sorted({width for width, _ in encoded.files}) == kept
    assert widths_of(encoded.width) == kept


def test_a_picture_taken_with_the_camera_held_upright_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to see it upright
    image = decode(an_upload(800, 400, exif=exif))
    assert image.size == (400, 800)
    top, bottom = image.getpixel((200, 50)), image.getpixel((200, 750))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > top[2]
    assert bottom[2] > bottom[0]


def test_what_the_camera_wrote_about_the_place_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[1] = "N"
    for content in encode(decode(an_upload(exif=exif, comment=b"at home"))).files.values():
        file = opened(content)
        assert not file.getexif()
        assert "exif" not in file.info
        assert b"at home" not in content


def test_what_was_transparent_is_white() -> None:
    stream = io.BytesIO()
    Image.new("RGBA", (400, 400), (0, 0, 0, 0)).save(stream, format="PNG")
    assert decode(stream.getvalue()).getpixel((200, 200)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "1"])
def test_pictures_in_other_colour_models_are_taken(mode: str) -> None:
    kind = "PNG" if mode in {"P", "1"} else "JPEG"
    assert decode(an_upload(400, 300, kind, mode)).mode == "RGB"


def test_a_profile_that_makes_no_sense_does_not_matter() -> None:
    assert decode(an_upload(400, 300, icc_profile=b"nonsense")).size == (400, 300)


@pytest.mark.parametrize(
    "upload",
    [a_bomb(20_000, 20_000), a_bomb(10_000, 10_000), a_bomb(100_000, 100_000)],
    ids=["400 MP", "100 MP", "10 000 MP"],
)
def test_a_pixel_bomb_is_refused_before_it_is_decoded(upload: bytes) -> None:
    with pytest.raises(TooLarge, match="picture_too_large"):
        decode(upload)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(TooLarge, match="picture_too_large"):
        decode(b"\xff\xd8\xff" + bytes(LARGEST_UPLOAD))


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        an_upload(kind="GIF", mode="P"),
        an_upload(kind="TIFF"),
        an_upload()[:-2000],
        an_upload(kind="PNG")[:200],
        a_bomb(400, 400),
        an_upload(10, 10),
        an_upload(2000, 100),
    ],
    ids=["empty", "svg", "gif", "tiff", "cut", "cut png", "short png", "tiny", "stripe"],
)
def test_what_is_no_whole_picture_is_refused(upload: bytes) -> None:
    with pytest.raises(Invalid, match="wrong_picture"):
        decode(upload)


def test_broken_files_are_refused_and_never_crash() -> None:
    dice = random.Random(5)
    whole = [an_upload(64, 48, kind) for kind in ("JPEG", "PNG", "WEBP")]
    for _ in range(300):
        broken = bytearray(dice.choice(whole))
        for _ in range(dice.randint(1, 8)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        with suppress(Invalid, TooLarge):
            decode(bytes(broken))


def test_the_same_picture_is_kept_once(app: Flask) -> None:
    one, other = keep_picture(an_upload()), keep_picture(an_upload(kind="JPEG"))
    assert one.id == other.id
    assert keep_picture(an_upload(quality=30)).id != one.id
    assert db.session.scalar(sa.select(sa.func.count(Picture.id))) == 2
    files = db.session.scalar(sa.select(sa.func.count()).select_from(PictureFile))
    assert files == 18


def test_a_picture_that_the_program_drew_is_kept_without_being_decoded(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = encode(Image.new("RGB", (600, 600), RED))
    monkeypatch.setattr(Image, "open", None)
    picture = keep_encoded(encoded)
    assert (picture.width, picture.height) == (600, 600)
    assert picture.public_id.startswith("pic_")


def test_a_picture_is_served_for_ever(client: FlaskClient, app: Flask) -> None:
    picture = keep_picture(an_upload())
    with recorded_queries() as queries:
        answer = client.get(path_of(picture.public_id, 600, "webp"))
    assert answer.status_code == 200
    assert answer.content_type == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert opened(answer.data).size == (600, 450)
    assert len(queries) == 1
    assert client.get(path_of(picture.public_id, 1200, "jpeg")).content_type == "image/jpeg"


def test_avif_is_smaller_looks_the_same_and_says_nothing_of_the_camera(app: Flask) -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    noisy = Image.effect_noise((1200, 900), 40).convert("RGB")
    stream = io.BytesIO()
    noisy.save(stream, "JPEG", exif=exif, quality=95)
    encoded = encode(decode(stream.getvalue()))
    for width in (300, 600, 1200):
        avif, webp = encoded.files[width, "avif"], encoded.files[width, "webp"]
        assert len(avif) < len(webp)
        shown, other = opened(avif), opened(webp)
        assert shown.size == other.size == (width, width * 3 // 4)
        assert not shown.getexif()
        assert {"exif", "xmp", "icc_profile"}.isdisjoint(shown.info)
        assert b"A camera" not in avif
        difference = ImageStat.Stat(ImageChops.difference(shown.convert("L"), other.convert("L")))
        assert difference.mean[0] < 16, "of 256"


def test_the_same_picture_gives_the_same_avif() -> None:
    assert encode(decode(an_upload())).files == encode(decode(an_upload())).files


def test_an_id_says_whether_there_is_an_avif_file(app: Flask, client: FlaskClient) -> None:
    encoded = encode(decode(an_upload()))
    today = keep_encoded(encoded)
    before = keep_encoded(
        replace(
            encoded, files={key: file for key, file in encoded.files.items() if key[1] != "avif"}
        )
    )
    assert has_avif(today.public_id)
    assert not has_avif(before.public_id)
    answer = client.get(path_of(today.public_id, 600, "avif"))
    assert (answer.status_code, answer.content_type) == (200, "image/avif")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(path_of(before.public_id, 600, "avif")).status_code == 404
    assert client.get(path_of(before.public_id, 600, "webp")).status_code == 200


def test_where_avif_cannot_be_written_pictures_go_without(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imaging, "HAS_AVIF", False)
    encoded = encode(decode(an_upload()))
    assert {format_ for _, format_ in encoded.files} == {"webp", "jpeg"}
    assert not has_avif(keep_encoded(encoded).public_id)


@pytest.mark.parametrize(
    "path",
    [
        "{id}-599.webp",
        "{id}-99999999999999999999.webp",
        "{id}-0.webp",
        "{id}-600.png",
        "{id}-600.jpeg",
        "pic_none-600.webp",
        "-600.webp",
        "%00-600.webp",
    ],
)
def test_what_is_not_there_is_not_found(client: FlaskClient, app: Flask, path: str) -> None:
    picture = keep_picture(an_upload())
    assert client.get("/pictures/" + path.format(id=picture.public_id)).status_code == 404


def test_only_one_big_picture_is_decoded_at_a_time() -> None:
    # The lock is what bounds the memory; that it is free again after a refusal is what we see.
    with pytest.raises(DomainError):
        decode(b"no picture")
    assert imaging._decoding.acquire(timeout=1)
    imaging._decoding.release()
