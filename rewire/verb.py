"""Packages that are verbs, too: `rewire.export` and `rewire.audit` hold modules, and can be called."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class Verb(ModuleType):
    """A package that, called, is the function of its name in `rewire.api`."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        return getattr(import_module("rewire.api"), self.__name__.rpartition(".")[2])(*args, **options)


def make_verb(package: str) -> None:
    """Let a package be called."""
    sys.modules[package].__class__ = Verb
