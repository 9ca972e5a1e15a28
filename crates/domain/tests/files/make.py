"""Makes the sample files of this folder and of crates/testkit/files.

They are checked in because they come from the libraries that real files come from; run this again only to add one:

    pip install cryptography pikepdf pillow pypdf pypng reportlab
    python crates/domain/tests/files/make.py
"""

import io
from pathlib import Path

import pikepdf
import png
import pypdf
from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A6
from reportlab.pdfgen import canvas

HERE = Path(__file__).parent
TESTKIT = HERE.parents[2] / "testkit" / "files"


def picture(mode="RGB", size=(120, 80), paper="white"):
    image = Image.new(mode, size, paper)
    draw = ImageDraw.Draw(image)
    draw.rectangle((2, 2, size[0] - 3, size[1] - 3), outline="black")
    draw.text((size[0] // 2, size[1] // 2), "SPECIMEN", fill="black", anchor="mm")
    return image


def pdf():
    target = io.BytesIO()
    page = canvas.Canvas(target, pagesize=A6, invariant=1)
    page.setTitle("Specimen")
    page.drawString(40, 200, "SPECIMEN")
    page.drawString(40, 180, "This is not a passport.")
    page.save()
    return target.getvalue()


def thumbnail_exif():
    """EXIF with a whole JPEG inside, as cameras write it: the end of the thumbnail is not the end of the file."""
    thumbnail = io.BytesIO()
    picture(size=(40, 27)).save(thumbnail, "JPEG", quality=20)
    thumbnail = thumbnail.getvalue()

    def entry(tag, value):
        return tag.to_bytes(2, "little") + b"\x04\x00\x01\x00\x00\x00" + value.to_bytes(4, "little")

    first = b"II*\x00\x08\x00\x00\x00" + b"\x00\x00" + (14).to_bytes(4, "little")
    second = b"\x02\x00" + entry(0x0201, 44) + entry(0x0202, len(thumbnail)) + bytes(4)
    return b"Exif\x00\x00" + first + second + thumbnail


def make_pictures():
    picture().save(TESTKIT / "passport.jpg", quality=60)
    picture("1").save(TESTKIT / "passport.png", optimize=True)
    picture().save(HERE / "progressive.jpg", progressive=True, quality=60)
    picture().save(HERE / "thumbnail.jpg", quality=60, exif=thumbnail_exif())
    picture("L").save(HERE / "restarts.jpg", quality=60, restart_marker_blocks=4)
    picture().save(HERE / "two-images.jpg", "MPO", save_all=True, append_images=[picture(size=(60, 40))], quality=40)
    picture("P").save(HERE / "palette.png")
    rows = [list(row) for row in zip(*[iter(picture("L").tobytes())] * 120)]
    with open(HERE / "interlaced.png", "wb") as target:
        png.Writer(120, 80, greyscale=True, interlace=True, chunk_limit=200).write(target, rows)


def make_pdfs():
    plain = pdf()
    (TESTKIT / "passport.pdf").write_bytes(plain)

    with pikepdf.open(io.BytesIO(plain)) as document:
        streams = pikepdf.ObjectStreamMode.generate
        document.save(HERE / "object-streams.pdf", object_stream_mode=streams, deterministic_id=True)
        document.save(HERE / "linearised.pdf", linearize=True, deterministic_id=True)
        lock = pikepdf.Encryption(owner="owner", user="user", R=6)
        document.save(HERE / "encrypted-object-streams.pdf", encryption=lock, object_stream_mode=streams)

    update = pypdf.PdfWriter(io.BytesIO(plain), incremental=True)
    update.add_metadata({"/Subject": "Specimen"})
    update.write(HERE / "updated.pdf")

    locked = pypdf.PdfWriter(clone_from=io.BytesIO(plain))
    locked.encrypt(user_password="", owner_password="owner", algorithm="AES-128")
    locked.write(HERE / "encrypted-owner-only.pdf")


TESTKIT.mkdir(exist_ok=True)
make_pictures()
make_pdfs()
