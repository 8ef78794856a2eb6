"""Archives are looked at before anything in them is parsed."""

from __future__ import annotations

import zipfile

import pytest

from harness.decoding import Bounds, Refused, archive_names

SMALL = Bounds(file_bytes=4 << 20, unpacked_bytes=8 << 20, ratio=200, tags=1000)


def packed(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.xml", content)
    return path


def test_names_of_a_sound_archive(tmp_path):
    assert archive_names(packed(tmp_path / "a.zip", b="<x/>", a="<y/>"), SMALL) == [
        "a.xml",
        "b.xml",
    ]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "bomb"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>".encode("utf-16"), "bomb"),
        (f"<x>{' ' * (2 << 20)}<!ENTITY a 'b'></x>", "bomb"),
        ("0" * (3 << 20), "bomb"),  # far over the ratio
        ("<x/>" * 1001, "large"),
    ],
)
def test_what_is_made_to_grow_is_refused(tmp_path, content, kind):
    with pytest.raises(Refused) as raised:
        archive_names(packed(tmp_path / "a.zip", a=content), SMALL)
    assert raised.value.kind == kind


def test_an_entity_across_two_blocks_is_seen(tmp_path):
    bounds = Bounds(ratio=1e9)
    for start in range((1 << 20) - 12, 1 << 20):
        content = f"{' ' * start}<!ENTITY a 'b'>"
        with pytest.raises(Refused, match="entities"):
            archive_names(packed(tmp_path / "a.zip", a=content), bounds)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_cut_archive_is_damaged(tmp_path, share):
    path = packed(tmp_path / "a.zip", a="<x/>" * 100, b="<y/>" * 100)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(Refused) as raised:
        archive_names(path, SMALL)
    assert raised.value.kind == "damaged"


def test_every_flipped_byte_is_refused_or_read(tmp_path):
    path = packed(tmp_path / "a.zip", a="<x/>" * 50)
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        try:
            archive_names(path, SMALL)
        except Refused as error:
            assert error.hint and error.kind in ("damaged", "encrypted", "bomb")


def test_a_file_over_the_size_is_refused_before_it_is_opened(tmp_path):
    path = tmp_path / "a.zip"
    with path.open("wb") as file:
        file.truncate(5 << 20)
    with pytest.raises(Refused, match="has 5 MiB"):
        archive_names(path, SMALL)
