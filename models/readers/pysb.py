"""PySB modules: Python code, which is run. The only door of this package behind which a file is executed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from models.core.errors import Mistakes
from models.network import network_text


def run_module(path: Path, problems: Mistakes) -> str:
    """Run the PySB module at `path` and expand its `model`; the text of the network."""
    from pysb import Model

    name = f"third_party_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        problems.add("", "is no Python module")
        return ""
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # PySB looks its caller up there
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        problems.add("", f"stops with {type(error).__name__}: {error}")
        return ""
    finally:
        del sys.modules[name]
    model = getattr(module, "model", None)
    if not isinstance(model, Model):
        problems.add("", "holds no PySB `model`", advice="Name the model `model`.")
        return ""
    return network_text(model)
