"""Photos and footage: what comes out of good files, and the one line that each bad file gives."""

import struct
import warnings
import zlib
from datetime import datetime, timezone
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lpr.errors import SourceError
from lpr.recognition.frames import open_frames, without_credentials

# Left half red, right half blue, upper left corner white: tells turned, mirrored and colour-swapped pictures apart.
RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def picture(width: int = 80, height: int = 40) -> Image.Image:
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    image.paste(WHITE, (0, 0, 16, 16))
    return image


def noise(width: int = 320, height: int = 240) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8))


def footage(path: Path, codec: str, frames: int = 60, times: list[int] | None = None, **options: str) -> Path:
    """Frames of 64 × 48 whose brightness is twice their number, 30 a second unless ``times`` gives milliseconds."""
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=30)
        stream.width, stream.height = 64, 48
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.gop_size = 10
        if times:
            stream.codec_context.time_base = Fraction(1, 1000)
        for i in range(len(times) if times else frames):
            grey = np.full((48, 64, 3), 2 * i, np.uint8)
            # Noise below, so that the file has enough bytes to be cut.
            grey[24:] = np.random.default_rng(i).integers(0, 255, (24, 64, 3), dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            if times:
                frame.pts, frame.time_base = times[i], Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def cut(path: Path, share: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def the_error(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        list(open_frames(path))
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def bgr(image: np.ndarray, x: int, y: int) -> tuple[int, ...]:
    """The pixel's colour, each part rounded to 0 or 255: JPEG is not exact."""
    return tuple(255 if v > 127 else 0 for v in image[y, x])


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "tiff", "gif"])
def test_a_photo_is_one_frame_in_bgr(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"car.{suffix}"
    picture().save(path)
    with open_frames(path) as frames:
        assert (frames.kind, frames.total, frames.seconds) == ("photo", 1, None)
        (frame,) = frames
    assert (frame.source, frame.index, frame.seconds, frame.taken_at) == (str(path), 0, None, None)
    assert frame.image.shape == (40, 80, 3)
    assert frame.image.dtype == np.uint8
    assert bgr(frame.image, 30, 30) == (0, 0, 255)
    assert bgr(frame.image, 70, 30) == (255, 0, 0)


def test_a_photo_is_turned_upright_as_exif_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side: turn clockwise
    picture().save(tmp_path / "turned.png", exif=exif)
    (frame,) = open_frames(tmp_path / "turned.png")
    assert frame.image.shape == (80, 40, 3)
    assert bgr(frame.image, 35, 5) == (255, 255, 255)
    assert bgr(frame.image, 20, 70) == (255, 0, 0)


@pytest.mark.parametrize(
    ("written", "offset", "expected"),
    [
        ("2024:05:06 23:30:00", "-05:00", datetime(2024, 5, 7, 4, 30, tzinfo=timezone.utc)),
        ("2024:05:06 23:30:00", "Z", datetime(2024, 5, 6, 23, 30, tzinfo=timezone.utc)),
        ("2024:05:06 23:30:00", None, None),  # a local time somewhere
        ("0000:00:00 00:00:00", "+00:00", None),  # a clock that was never set
        ("2024:05:06 23:30:00", "+99:99", None),
    ],
)
def test_the_time_of_a_photo_needs_an_offset(
    tmp_path: Path, written: str, offset: str | None, expected: datetime | None
) -> None:
    exif = Image.Exif()
    details = exif.get_ifd(0x8769)
    details[0x9003] = written
    if offset:
        details[0x9011] = offset
    picture().save(tmp_path / "car.jpg", exif=exif)
    (frame,) = open_frames(tmp_path / "car.jpg")
    assert frame.taken_at == expected


def test_exif_data_that_make_no_sense_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "car.jpg"
    picture().save(path, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x09garbage")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (frame,) = open_frames(path)
    assert (frame.image.shape, frame.taken_at) == ((40, 80, 3), None)


def test_photos_do_not_depend_on_image_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing ultralytics replaces it by one that installs a package for each file that Pillow does not know."""
    path = tmp_path / "car.jpg"
    picture().save(path)
    monkeypatch.setattr(Image, "open", None)
    (frame,) = open_frames(path)
    assert frame.image.shape == (40, 80, 3)


def test_what_is_transparent_is_white_and_16_bits_become_8(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    (clear,) = open_frames(tmp_path / "clear.png")
    assert clear.image[5, 5].tolist() == [255, 255, 255]
    deep = np.full((20, 20), 1000, np.uint16)
    deep[:, 10:] = 3000
    Image.fromarray(deep).save(tmp_path / "deep.png")
    (frame,) = open_frames(tmp_path / "deep.png")
    assert frame.image[5, 5].tolist() == [0, 0, 0]
    assert frame.image[5, 15].tolist() == [255, 255, 255]


def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    picture().save(tmp_path / "car.png")
    misnamed = (tmp_path / "car.png").rename(tmp_path / "car.jpg")
    (frame,) = open_frames(misnamed)
    assert frame.image.shape == (40, 80, 3)
    clip = footage(tmp_path / "clip.mp4", "mpeg4", frames=3).rename(tmp_path / "clip.jpg")
    with open_frames(clip) as frames:
        assert frames.kind == "footage"
        assert len(list(frames)) == 3


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "tiff"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_a_photo_that_is_cut_off_is_refused(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"car.{suffix}"
    noise().save(path)
    message = the_error(cut(path, share))
    assert "cut off" in message or "damaged" in message
    assert "copy it again" in message


def test_a_huge_photo_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    for side in (30_000, 11_000):
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        path = tmp_path / f"{side}.png"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b""))
        assert "scale it down first" in the_error(path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.jpg", b"", "the file is empty; copy it again from where it came from"),
        (
            "letter.jpg",
            b"Dear Sir, " * 99,
            "neither a photo nor footage that lpr can read; leave it out, or convert it to JPEG or MP4",
        ),
        (
            # a playlist must not make us open other files
            "list.mp4",
            b"ffconcat version 1.0\nfile /etc/passwd\n",
            "neither a photo nor footage that lpr can read; leave it out, or convert it to JPEG or MP4",
        ),
        (
            "phone.jpg",
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
            "a HEIC or AVIF photo, which lpr does not read; convert it to JPEG",
        ),
        (
            "noise.mp4",
            b"\0\0\0\x18ftypisom" + bytes(999),
            "the footage is damaged, or was cut off before its index was written; "
            "copy it again, or repair it with ffmpeg or untrunc",
        ),
    ],
)
def test_what_is_no_picture_is_named_with_a_remedy(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert the_error(tmp_path / name) == said


def test_missing_files_folders_and_sound_are_named_with_a_remedy(tmp_path: Path) -> None:
    assert the_error(tmp_path / "none.jpg") == "no such file; check the path"
    assert the_error(tmp_path) == "a folder, not a file; name the photos or footage in it"
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=8000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        silence.rate = 8000
        container.mux(stream.encode(silence))
        container.mux(stream.encode(None))
    assert the_error(tmp_path / "sound.mp4").startswith("holds no pictures, only sound or data")


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "mpeg4"), ("a.mov", "mpeg4"), ("a.mkv", "mpeg4"), ("a.avi", "mjpeg"), ("a.webm", "libvpx")],
)
def test_footage_gives_every_nth_frame_with_its_number_and_time(tmp_path: Path, name: str, codec: str) -> None:
    path = footage(tmp_path / name, codec)
    with open_frames(path, every=25) as frames:
        assert (frames.kind, frames.total) == ("footage", 3)
        assert frames.seconds == pytest.approx(2.0, abs=0.04)
        found = list(frames)
    assert [f.index for f in found] == [0, 25, 50]
    assert [f.seconds for f in found] == pytest.approx([0.0, 25 / 30, 50 / 30], abs=0.002)
    assert [f.image[10, 30].mean() for f in found] == pytest.approx([0, 50, 100], abs=6)


def test_times_come_from_the_frames_and_not_from_the_rate(tmp_path: Path) -> None:
    path = footage(tmp_path / "variable.mkv", "mpeg4", times=[0, 40, 80, 1000, 1040, 3000])
    assert [f.seconds for f in open_frames(path)] == pytest.approx([0, 0.04, 0.08, 1.0, 1.04, 3.0], abs=0.002)


def test_footage_of_a_phone_held_upright_is_turned(tmp_path: Path) -> None:
    path = footage(tmp_path / "phone.mp4", "mpeg4", frames=60)
    data = bytearray(path.read_bytes())
    # The track's matrix, as phones write it for a quarter turn clockwise, in 16.16 fixed point.
    start = data.index(b"tkhd") + 44
    data[start : start + 36] = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 48 << 16, 0, 1 << 30)
    path.write_bytes(data)
    frame = list(open_frames(path))[50]
    assert frame.image.shape == (64, 48, 3)
    # The even upper half, brightness 100, is now on the right; the noise on the left.
    assert frame.image[:, 30:].std() < 12 < frame.image[:, :18].std()


def test_the_creation_time_gives_each_frame_its_moment(tmp_path: Path) -> None:
    path = tmp_path / "dated.mp4"
    with av.open(str(path), "w") as container:
        container.metadata["creation_time"] = "2024-05-06T10:00:00.000000Z"
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(21):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")))
        container.mux(stream.encode(None))
    assert [f.taken_at for f in open_frames(path, every=20)] == [
        datetime(2024, 5, 6, 10, 0, 0, tzinfo=timezone.utc),
        datetime(2024, 5, 6, 10, 0, 2, tzinfo=timezone.utc),
    ]


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.mp4", "mpeg4", {"movflags": "faststart"}),  # the index stands in front: what is there can be read
        ("a.mkv", "mpeg4", {}),
        ("a.avi", "mjpeg", {}),
        ("a.webm", "libvpx", {}),
    ],
)
def test_footage_that_breaks_off_gives_what_there_is_then_says_where(
    tmp_path: Path, name: str, codec: str, options: dict[str, str]
) -> None:
    path = cut(footage(tmp_path / name, codec, frames=90, **options), 0.5)
    found = []
    with pytest.raises(SourceError) as caught:
        for frame in open_frames(path):
            found.append(frame)
    assert 30 <= len(found) <= 60
    assert str(caught.value) == (
        f"{path}: breaks off at second {found[-1].seconds:.1f} of 3.0; "
        "what came before was read, copy the file again for the rest"
    )


def test_footage_with_a_damaged_place_is_read_to_its_end(tmp_path: Path) -> None:
    path = footage(tmp_path / "a.mp4", "mpeg4", frames=90)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 1500] = bytes(1500)
    path.write_bytes(bytes(data))
    found = []
    with pytest.raises(
        SourceError, match=r"damaged in \d+ places?, first at second 1\.\d; what could be decoded was read"
    ):
        for frame in open_frames(path):
            found.append(frame)
    assert found[-1].seconds == pytest.approx(89 / 30, abs=0.01)


def test_closing_early_closes_the_file(tmp_path: Path) -> None:
    with open_frames(footage(tmp_path / "a.mp4", "mpeg4")) as frames:
        next(iter(frames))
    assert list(frames) == []


def test_every_must_be_one_or_more(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="every must be 1 or more, not 0"):
        open_frames(tmp_path / "a.mp4", every=0)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("rtsp://anna:geheim@camera/1", "rtsp://camera/1"),
        ("rtsp://anna:ge@heim@camera/1?a@b", "rtsp://camera/1?a@b"),
        ("https://camera/anna@home.mp4", "https://camera/anna@home.mp4"),
        ("photos/anna@home.jpg", "photos/anna@home.jpg"),
    ],
)
def test_credentials_never_leave_the_address(source: str, expected: str) -> None:
    assert without_credentials(source) == expected


def test_an_address_is_refused_without_its_password() -> None:
    with pytest.raises(SourceError) as caught:
        open_frames("rtsp://anna:geheim@camera/1")
    assert str(caught.value) == "rtsp://camera/1: an address, not a file; record it to a file and name that"
