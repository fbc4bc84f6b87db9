"""COMBINE archives (OMEX): zip files with a manifest and metadata, written reproducibly, read safely."""

from __future__ import annotations

import io
import posixpath
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from models.core.errors import Mistakes
from models.export.content import LICENCE, PROJECT
from models.export.sbml.reading import LARGEST, scan_xml

MANIFEST, METADATA = "manifest.xml", "metadata.rdf"
MOST_FILES = 1000
"""Largest number of files in an archive that is read."""

_OMEX = "http://identifiers.org/combine.specifications/"
_MEDIA = "https://purl.org/NET/mediatypes/"
_FORMATS = {
    ".xml": f"{_OMEX}sbml.level-3.version-2",
    ".sedml": f"{_OMEX}sed-ml.level-1.version-3",
    ".csv": f"{_MEDIA}text/csv",
    ".json": f"{_MEDIA}application/json",
    ".toml": f"{_MEDIA}application/toml",
    ".md": f"{_MEDIA}text/markdown",
}


@dataclass(frozen=True, slots=True)
class Title:
    """Description of an archive; `created` as in "2026-01-31"."""

    title: str
    says: str
    created: str


# --- writing ----------------------------------------------------------------------------------------------
def archive(files: Mapping[str, str], title: Title, master: str) -> bytes:
    """The bytes of an archive of `files` (location → text); equal input gives equal bytes.

    `master` is the location that a tool runs when it opens the archive.
    """
    whole = {MANIFEST: manifest(files, master), METADATA: metadata(title), **files}
    year, month, day = map(int, title.created.split("-"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in whole.items():
            info = zipfile.ZipInfo(name, (max(year, 1980), month, day, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            out.writestr(info, text.encode())
    return buffer.getvalue()


def manifest(files: Mapping[str, str], master: str) -> str:
    """The manifest: location and format of each file."""
    rows = [
        (".", f"{_OMEX}omex", ""),
        (f"./{MANIFEST}", f"{_OMEX}omex-manifest", ""),
        (f"./{METADATA}", f"{_OMEX}omex-metadata", ""),
    ]
    for name in files:
        rows.append((f"./{name}", _FORMATS[posixpath.splitext(name)[1]], ' master="true"' * (name == master)))
    lines = [f"  <content location={quoteattr(place)} format={quoteattr(f)}{m}/>" for place, f, m in rows]
    head = f'<omexManifest xmlns="{_OMEX}omex-manifest">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *lines, "</omexManifest>", ""])


def metadata(title: Title) -> str:
    """Title, description, creator, licence and date, as RDF."""
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcterms="http://purl.org/dc/terms/"
         xmlns:vCard="http://www.w3.org/2006/vcard/ns#">
  <rdf:Description rdf:about=".">
    <dcterms:title>{escape(title.title)}</dcterms:title>
    <dcterms:description>{escape(title.says)}</dcterms:description>
    <dcterms:license rdf:resource={quoteattr(LICENCE)}/>
    <dcterms:creator>
      <rdf:Bag>
        <rdf:li rdf:parseType="Resource">
          <vCard:organization-name>{escape(PROJECT)}</vCard:organization-name>
        </rdf:li>
      </rdf:Bag>
    </dcterms:creator>
    <dcterms:created rdf:parseType="Resource">
      <dcterms:W3CDTF>{title.created}T00:00:00Z</dcterms:W3CDTF>
    </dcterms:created>
    <dcterms:modified rdf:parseType="Resource">
      <dcterms:W3CDTF>{title.created}T00:00:00Z</dcterms:W3CDTF>
    </dcterms:modified>
  </rdf:Description>
</rdf:RDF>
"""


# --- reading ----------------------------------------------------------------------------------------------
def read(path: Path) -> dict[str, bytes]:
    """The files of an archive by location; nothing is unpacked to the disk.

    Raises
    ------
    UserError
        If it is not an archive, is too large, has paths that leave its folder, links, duplicate names,
        encrypted files, XML with entities, or a manifest that lists missing files; all at once.
    """
    problems = Mistakes(str(path))
    try:
        if not path.is_file():
            problems.add("", "not found" if not path.exists() else "is not a file")
        elif (size := path.stat().st_size) > LARGEST:
            problems.add("", f"has {size} bytes", allowed=f"at most {LARGEST} bytes")
        problems.raise_if_any()
        with zipfile.ZipFile(path) as opened:
            _check(opened.infolist(), problems)
            problems.raise_if_any()
            files = _contents(opened, problems)
    except OSError as error:
        problems.add("", f"cannot be read: {error.strerror or error}")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
        problems.add("", f"is not a complete zip file: {error}")
    problems.raise_if_any()
    for name, data in files.items():
        if posixpath.splitext(name)[1] in (".xml", ".rdf", ".sedml"):
            _check_xml(path, name, data, problems)
    problems.raise_if_any()
    _check_manifest(files, problems)
    problems.raise_if_any()
    return files


def _check(entries: list[zipfile.ZipInfo], problems: Mistakes) -> None:
    """Check the list of contents before anything is unpacked."""
    if len(entries) > MOST_FILES:
        problems.add("", f"has {len(entries)} files", allowed=f"at most {MOST_FILES}")
    if (total := sum(entry.file_size for entry in entries)) > LARGEST:
        problems.add("", f"unpacks to {total} bytes", allowed=f"at most {LARGEST} bytes")
    seen: set[str] = set()
    for entry in entries[:MOST_FILES]:
        name = entry.filename
        if why := unsafe(entry.orig_filename) or unsafe(name):
            problems.add(repr(name[:200]), why, advice="Such an archive is not opened.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            problems.add(repr(name[:200]), "is a link", advice="Such an archive is not opened.")
        if entry.flag_bits & 0x1:
            problems.add(repr(name[:200]), "is encrypted")
        if name.casefold() in seen:
            problems.add(repr(name[:200]), "is listed twice")
        seen.add(name.casefold())


def unsafe(name: str) -> str:
    """Why a location is not allowed; "" if it is."""
    if not name or "\0" in name:
        return "is not a name"
    if "\\" in name or ":" in name or name.startswith("/"):
        return "is not relative to the archive"
    if ".." in name.split("/"):
        return "leaves the archive's folder"
    return ""


def _contents(opened: zipfile.ZipFile, problems: Mistakes) -> dict[str, bytes]:
    """The files; those that unpack to more than their stated size are refused."""
    files, left = {}, LARGEST
    for entry in opened.infolist():
        if entry.is_dir():
            continue
        with opened.open(entry) as part:
            data = part.read(left + 1)
        left -= len(data)
        if left < 0 or len(data) != entry.file_size:
            problems.add(repr(entry.filename), "unpacks to another size than stated")
            break
        files[posixpath.normpath(entry.filename)] = data
    return files


def _check_xml(path: Path, name: str, data: bytes, problems: Mistakes) -> None:
    inside = Mistakes(f"{path}: {name}")
    try:
        scan_xml(data.decode("utf-8-sig"), inside)
    except UnicodeDecodeError:
        inside.add("", "is not UTF-8 text")
    problems.found += inside.found


def _check_manifest(files: Mapping[str, bytes], problems: Mistakes) -> None:
    if MANIFEST not in files:
        problems.add("", f"contains no {MANIFEST}", advice="Is it a COMBINE archive?")
        return
    for location in locations(files[MANIFEST]):
        if why := unsafe(location):
            problems.add(f"{MANIFEST}: {location[:200]!r}", why, advice="Such an archive is not opened.")
        elif (name := posixpath.normpath(location)) != "." and name not in files:
            problems.add(f"{MANIFEST}: {location[:200]!r}", "is not in the archive")


def locations(text: bytes) -> list[str]:
    """The locations in a manifest."""
    root = ElementTree.fromstring(text)  # `read` has refused entities
    return [node.get("location", "") for node in root.iter(f"{{{_OMEX}omex-manifest}}content")]
