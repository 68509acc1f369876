"""What a file is: by its first bytes, compared with what its name promises; how its text is encoded."""

from __future__ import annotations

import codecs
import gzip
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from dataask_jupyter.errors import TooLarge, UploadRefused, UploadUnreadable
from dataask_jupyter.schemas.uploads import Encoding, FileFormat

from .files_paths import ending

MAX_EXPANDED_BYTES = 2 * 1024**3
"""What a compressed file may become."""
FREE_BYTES = 64 * 1024**2
MAX_RATIO = 200
"""A file that becomes larger than `FREE_BYTES` may grow so many times."""
MAX_ENTRIES = 20_000
_CHUNK = 1024**2
_NAMES: dict[str, str] = {
    "csv": "CSV", "tsv": "TSV", "parquet": "Parquet", "json": "JSON", "excel": "an Excel workbook",
}  # fmt: skip
_KNOWN = "DataAsk reads CSV, TSV, Parquet, JSON and Excel (.xlsx)."
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "is an old Excel or Office file. Save it as .xlsx"),
    (b"SQLite format 3\0", "is a SQLite database. Add a SQLite connection for it"),
    (b"%PDF", "is a PDF"),
    (b"\x89PNG", "is a picture"),
    (b"\xff\xd8\xff", "is a picture"),
    (b"GIF8", "is a picture"),
    (b"BZh", "is compressed by bzip2. Unpack it"),
    (b"\x28\xb5\x2f\xfd", "is compressed by zstd. Unpack it"),
    (b"\xfd7zXZ", "is compressed by xz. Unpack it"),
    (b"7z\xbc\xaf", "is a 7-Zip archive. Unpack it"),
    (b"Rar!", "is a RAR archive. Unpack it"),
    (b"ARROW1", "is an Arrow file. Save it as Parquet"),
)
_MARKUP = re.compile(rb"\s*<\s*(?:!doctype|html|head|body|svg|\?xml|script|!--|[a-z])", re.IGNORECASE)
_JSON = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*[\[{\]\"0-9tfn-])")
_JSON_STRICT = re.compile(rb"\s*(?:\{\s*\"|\[\s*\{)")
_PLAIN_ENDINGS = frozenset({"", ".txt", ".dat", ".gz"})
_BOMS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Detected:
    """What a file is, and where its content is: elsewhere where it came compressed."""

    format: FileFormat
    path: Path


def detect(path: Path, name: str, wanted: FileFormat | None, work: Path) -> Detected:
    """What the file is; raises UploadRefused for what can't be a table, and where name and content differ."""
    if path.stat().st_size == 0:
        raise UploadRefused(f"{name} is empty.")
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"\x1f\x8b"):
        unpacked = _unpack(path, name, work / "unpacked")
        return detect(unpacked, name, wanted, work) if not _is_packed(unpacked) else _refuse(name, "is packed twice")
    found = _by_content(path, name, start)
    promised = wanted or ending(name)
    if found is None:
        return Detected(_text(name, start, promised, chosen=wanted is not None), path)
    if promised is not None and promised != found:
        raise UploadRefused(
            f"{name} is called {_NAMES[promised]} but holds {_NAMES[found]}. Give it the ending of what it is."
        )
    return Detected(found, path)


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _refuse(name: str, why: str) -> Detected:
    raise UploadRefused(f"{name} {why}. {_KNOWN}")


def _by_content(path: Path, name: str, start: bytes) -> FileFormat | None:
    """The format of a file that isn't text; None for text."""
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _check_archive(path, name)
        return "excel"
    if start[8:12] == b"DUCK":
        _refuse(name, "is a DuckDB database. Add a DuckDB connection for it")
    for sign, words in _OTHERS:
        if start.startswith(sign):
            _refuse(name, words)
    marked = any(start.startswith(bom) for bom, _ in _BOMS)
    if not marked and b"\0" in start and not _looks_utf16(start):
        _refuse(name, "isn't text and of no known format")
    return None


def _looks_utf16(start: bytes) -> bool:
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if any(start.count(byte) > half * 0.02 for byte in (*range(1, 9), *range(14, 32))):
        return False  # Text has no such control characters.
    return half > 8 and (even > half * 0.4) != (odd > half * 0.4)


def _text(name: str, start: bytes, promised: str | None, *, chosen: bool) -> FileFormat:
    plain = _readable(start)
    if promised is None and Path(name.lower()).suffix not in _PLAIN_ENDINGS:
        _refuse(name, "has an ending that DataAsk doesn't know")
    if promised in {"parquet", "excel"}:
        raise UploadRefused(f"{name} is called {_NAMES[promised]} but holds plain text, or is damaged.")
    if _MARKUP.match(plain):
        _refuse(name, "is a web page, a drawing or XML")
    if promised == "json":
        if not _JSON.match(plain):
            raise UploadRefused(f"{name} is called JSON but doesn't begin with an object or a list.")
        return "json"
    if promised is None and _JSON.match(plain):
        return "json"
    if not chosen and promised in {"csv", "tsv"} and _JSON_STRICT.match(plain):
        raise UploadRefused(f"{name} is called {_NAMES[promised]} but holds JSON. Give it the ending .json.")
    return "tsv" if promised == "tsv" else "csv"


def _readable(start: bytes) -> bytes:
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return start.decode(encoding, "ignore").encode("utf-8", "ignore")
    return start.replace(b"\0", b"") if _looks_utf16(start) else start


def _check_archive(path: Path, name: str) -> None:
    """Whether a ZIP is a workbook, and what it would unpack to. Nothing of it is written anywhere."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if "xl/workbook.xml" not in names:
                what = "is a binary workbook (.xlsb). Save it as .xlsx" if "xl/workbook.bin" in names else ""
                _refuse(name, what or "is a ZIP archive. Unpack it and upload the files in it")
            total = sum(entry.file_size for entry in entries)
            _limit(name, total, path.stat().st_size)
            if len(entries) > MAX_ENTRIES:
                _refuse(name, "holds too many parts")
            for entry in entries:
                # What an entry says about its size may be a lie: reading it stops there, and its checksum tells.
                with archive.open(entry) as part:
                    while part.read(_CHUNK):
                        pass
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UploadRefused(f"{name} is damaged or locked by a password: {str(error)[:120]}.") from None


def _limit(name: str, total: int, given: int) -> None:
    if total > MAX_EXPANDED_BYTES or (total > FREE_BYTES and total > given * MAX_RATIO):
        raise TooLarge(
            f"{name} would become more than {min(total, MAX_EXPANDED_BYTES) // 1024**2:,} MB when it is unpacked, which"
            " is too much for its size. Upload a part of it, or Parquet.",
            extra={"expanded_bytes": total},
        )


def _unpack(path: Path, name: str, target: Path) -> Path:
    given, total = path.stat().st_size, 0
    try:
        with gzip.open(path, "rb") as packed, target.open("wb") as plain:
            while chunk := packed.read(_CHUNK):
                total += len(chunk)
                _limit(name, total, given)
                plain.write(chunk)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise UploadRefused(f"{name} is compressed by gzip, but damaged: {error}.") from None
    if total == 0:
        raise UploadRefused(f"{name} is empty.")
    return target


def as_utf8(path: Path, name: str, wanted: Encoding | None, work: Path) -> tuple[Path, Encoding]:
    """A file with the same text in UTF-8 without a mark at its start, and how the given one is encoded."""
    encoding = wanted or _encoding(path)
    if encoding == "utf-8" and not _has_mark(path):
        if wanted is not None and not _is_utf8(path):
            _undecodable(name, encoding)
        return path, encoding
    codec = _codec(path, encoding)
    target = work / "utf8"
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        with path.open("rb") as given, target.open("wb") as plain:
            while chunk := given.read(_CHUNK):
                plain.write(decoder.decode(chunk).encode("utf-8"))
            plain.write(decoder.decode(b"", True).encode("utf-8"))
    except UnicodeError:
        _undecodable(name, encoding)
    return target, encoding


def _codec(path: Path, encoding: Encoding) -> str:
    with path.open("rb") as file:
        start = file.read(4096)
    if encoding == "utf-16" and not start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16-be" if start[0::2].count(0) > start[1::2].count(0) else "utf-16-le"
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _undecodable(name: str, encoding: str) -> None:
    raise UploadUnreadable(f"{name} isn't encoded as {encoding}. Choose another encoding.") from None


def _has_mark(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(3) == codecs.BOM_UTF8


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _encoding(path: Path) -> Encoding:
    with path.open("rb") as file:
        start = file.read(4096)
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return encoding
    if _is_utf8(path) and b"\0" not in start:
        return "utf-8"
    if _looks_utf16(start):
        return "utf-16"
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            # Latin-1 has control characters there, which nobody writes; Windows has quotes and the euro.
            if any(0x80 <= byte <= 0x9F for byte in set(chunk)):
                return "cp1252"
    return "latin-1"
