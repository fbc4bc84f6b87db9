"""SBML of others as a network: looked through as text, then turned by bngsim, which checks what it made."""

from __future__ import annotations

import re
import tempfile
import warnings
from pathlib import Path

from models.core.errors import Mistakes
from models.core.quiet_solvers import quiet
from models.readers.net import LARGEST

_ENTITIES = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OUTSIDE = re.compile(r"externalModelDefinition|<(?:\w+:)?include\b[^>]*XInclude", re.IGNORECASE)


def sbml_to_net(data: bytes, problems: Mistakes) -> tuple[str, list[str]]:
    """The network that an SBML document describes, and what of the document is not in it.

    What has no faithful form as a network (rules that force a species, delays, volumes that differ across a
    reaction) is a problem; events are left out and named, for they are said as arms here.
    """
    text = _text(data, problems)
    if not text:
        return "", []
    from bngsim import BngsimError
    from bngsim.convert import sbml_to_net as convert

    with tempfile.TemporaryDirectory(prefix="rewire-") as folder:
        path = Path(folder) / "model.xml"
        path.write_text(text, encoding="utf-8")
        try:
            with warnings.catch_warnings(), quiet():
                warnings.simplefilter("ignore")
                report = convert(path)
        except (BngsimError, ValueError, RuntimeError, KeyError, RecursionError) as error:
            said = str(error).removeprefix("model.xml: ").splitlines() or [type(error).__name__]
            problems.add("", said[0][:400], advice="This model has no faithful form as a network.")
            return "", []
    if report.rhs_faithful is False:
        problems.add("", "does not keep its equations as a network")
        return "", []
    return str(report.output_text), [f"left out of the model: {what}" for what in report.dropped]


def _text(data: bytes, problems: Mistakes) -> str:
    if len(data) > LARGEST:
        problems.add("", f"{len(data):,} bytes", allowed=f"at most {LARGEST:,}")
        return ""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.add("", "is not UTF-8", advice="Save it as UTF-8.")
        return ""
    for pattern, what in ((_ENTITIES, "a document type or entities"), (_OUTSIDE, "parts in other files")):
        if found := pattern.search(text):
            line = text.count("\n", 0, found.start()) + 1
            problems.add(f"line {line}", what, advice="Such a document is not read, for safety.")
    if "<sbml" not in text:
        problems.add("", "holds no <sbml> element")
    return "" if problems.found else text
