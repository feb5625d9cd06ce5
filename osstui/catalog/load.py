"""Reads the shipped catalog, the user's file and `--catalog FILE`, merges them and checks every entry."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from platformdirs import user_config_dir
from pydantic import BaseModel, ValidationError

from osstui.catalog.catalog import Catalog
from osstui.catalog.layers import with_route, without_outdated
from osstui.catalog.models import Model, Offer, Preset, Provider
from osstui.catalog.nodes import Fault, Keys, Node, locate, merge, parse, plain
from osstui.catalog.problems import BrokenFileError, Problem, did_you_mean
from osstui.catalog.sentences import sentence
from osstui.resources import resource

VERSION = 1
_SECTIONS: dict[str, type[BaseModel]] = {"models": Model, "providers": Provider, "presets": Preset}
_NAMES = {
    "providers": (re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z"), "letters, digits, dots, dashes"),
    "models": (re.compile(r"[^\s,]+\Z"), "no spaces and no commas"),
    "presets": (re.compile(r"[^\s,]+\Z"), "no spaces and no commas"),
}
Shape = TypeVar("Shape", bound=BaseModel)


def user_catalog_path() -> Path:
    """Where the user's own file stands, whether it exists or not."""
    return Path(user_config_dir("osstui")) / "providers.yaml"


def fetched_prices_path(user: Path | None = None) -> Path:
    """Where `osstui catalog update` keeps what it fetched: beside the user's own file."""
    return (user or user_catalog_path()).with_name("prices.yaml")


def load_catalog(
    *,
    extra: Path | None = None,
    only: Path | None = None,
    user: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Catalog:
    """The catalog: shipped file, then fetched prices, then the user's file, then `extra`.

    The user's file is `user`, by default the config folder's; fetched prices stand beside it. The later file
    wins, entry by entry and key by key; null clears. With `only`, that file alone counts.
    A wrong entry is left out and told in `Catalog.problems`; so is a user's file that can't be read.
    `environ` fills the variables of base URLs (default: the process's). Raises CatalogError when `extra`
    or `only` is missing or isn't a catalog.
    """
    check = _Check()
    if only is not None:
        check.lay(*_read(only))
    else:
        check.lay(*_read(resource("providers.yaml")))
        check.try_to_lay(fetched_prices_path(user), fetched=True)
        check.try_to_lay(user or user_catalog_path())
        if extra is not None:
            check.lay(*_read(extra))
    return check.catalog(os.environ if environ is None else environ)


def load_fetched(path: Path) -> Catalog:
    """The shipped catalog with the fetched prices of this file, if it is there, and nothing of the user's.

    Raises CatalogError when the file is there and can't be used.
    """
    check = _Check()
    check.lay(*_read(resource("providers.yaml")))
    if path.exists():
        check.lay(*_read(path), fetched=True)
    return check.catalog({})


def check_catalog(path: Path, *, alone: bool = False) -> Catalog:
    """The catalog that this file gives over the shipped one, or `alone`; what is wrong is in `problems`.

    Neither the user's own file nor the environment takes part. Raises CatalogError like `load_catalog`.
    """
    check = _Check()
    if not alone:
        check.lay(*_read(resource("providers.yaml")))
    check.lay(*_read(path))
    return check.catalog({})


def _read(path: Path) -> tuple[Node, list[Fault]]:
    """The tree of one file. Raises BrokenFileError when it is missing, broken or of another version."""
    file = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BrokenFileError(file, None, "this is not UTF-8 text") from None
    except OSError as error:
        raise BrokenFileError(file, None, f"can't be read: {error.strerror or error}") from None
    tree, faults = parse(text, file)
    if not isinstance(tree.value, dict):
        raise BrokenFileError(file, tree.line, f"a catalog is a mapping with the keys {', '.join(_SECTIONS)}")
    for fault in faults:
        if len(fault.path) < 2:
            raise BrokenFileError(file, fault.line, fault.message)
    version = tree.value.get("version")
    if version is not None and version.value != VERSION:
        raise BrokenFileError(file, version.line, f"version must be {VERSION}, the one this osstui reads")
    return tree, faults


class _Check:
    """Lays files over one another, then keeps what is right and notes what is wrong."""

    def __init__(self) -> None:
        self.tree = Node({}, "", 0)
        self.problems: list[Problem] = []
        self.disabled: set[Keys] = set()

    def try_to_lay(self, path: Path, *, fetched: bool = False) -> None:
        if not path.exists():
            return
        try:
            self.lay(*_read(path), fetched=fetched)
        except BrokenFileError as error:
            self.problems.append(error.problem)

    def lay(self, tree: Node, faults: list[Fault], *, fetched: bool = False) -> None:
        if fetched:
            tree = without_outdated(tree, self.tree)
        sections = dict(tree.value) if isinstance(tree.value, dict) else {}
        for name, section in list(sections.items()):
            if name == "version":
                continue
            if name not in _SECTIONS:
                message = f'unknown key "{name}"{did_you_mean(name, ("version", *_SECTIONS))}'
            elif not isinstance(section.value, dict | None):
                message = f"{name} must be a mapping {{name: entry}}"
            else:
                continue
            del sections[name]
            self.note(section, message)
        for fault in faults:
            entry = _entry(fault.path)
            self.note(Node(None, tree.file, fault.line), f"{_subject(entry)}: {fault.message}", entry)
        self.tree = merge(self.tree, Node(sections, tree.file, tree.line))

    def note(self, place: Node, message: str, entry: Keys = ()) -> None:
        clean = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in message)
        named = ".".join(str(step) for step in entry) or None
        self.problems.append(Problem(place.file, place.line, clean, named))
        if entry:
            self.disabled.add(entry)

    def catalog(self, environ: Mapping[str, str]) -> Catalog:
        models = dict(self._entries("models", Model))
        providers = dict(self._providers())
        presets = {
            name: p for name, p in self._entries("presets", Preset) if self._can_be_picked(name, p, providers)
        }
        return Catalog(providers, models, presets, tuple(self.problems), environ)

    def _children(self, parent: Node, path: Keys) -> Iterator[tuple[str, Keys, Node]]:
        """The entries under the parent's key `path[-1]` with nothing wrong so far; null is no entry."""
        section = locate(parent, path[-1:])
        if section is parent or not isinstance(section.value, dict):
            return
        for name, node in section.value.items():
            entry = (*path, name)
            if node.value is None:
                continue
            pattern, rule = _NAMES[str(path[-1])]
            if not pattern.match(name):
                self.note(node, f"{_subject(entry)}: this name can't be typed; use {rule}", entry)
            if entry not in self.disabled:
                yield name, entry, node

    def _entries(self, section: str, shape: type[Shape]) -> Iterator[tuple[str, Shape]]:
        for name, entry, node in self._children(self.tree, (section,)):
            if (checked := self._checked(shape, entry, node, plain(node))) is not None:
                yield name, checked

    def _providers(self) -> Iterator[tuple[str, Provider]]:
        for name, entry, written in self._children(self.tree, ("providers",)):
            node = with_route(self.tree, name, written)
            if node is None:
                place = locate(written, ("route_of",))
                known = [other for other, _, _ in self._children(self.tree, ("providers",)) if other != name]
                message = f"{_subject(entry)}: route_of names no provider that is spoken to directly"
                self.note(place, message + did_you_mean(str(place.value), known), entry)
                continue
            data = plain(node)
            if isinstance(data, dict):
                if "id" in data:
                    place = locate(node, ("id",))
                    self.note(place, f'{_subject(entry)}: unknown key "id"; "{name}" is the id', entry)
                    continue
                data = {**data, "id": name}
                if isinstance(data.get("models"), dict):
                    data["models"] = {}
            provider = self._checked(Provider, entry, node, data)
            if provider is not None:
                offers = dict(self._offers(node, (*entry, "models")))
                yield name, provider.model_copy(update={"models": offers})

    def _offers(self, provider: Node, path: Keys) -> Iterator[tuple[str, Offer]]:
        for name, entry, node in self._children(provider, path):
            if (offer := self._checked(Offer, entry, node, plain(node))) is not None:
                yield name, offer

    def _checked(self, shape: type[Shape], entry: Keys, node: Node, data: object) -> Shape | None:
        try:
            return shape.model_validate(data)
        except ValidationError as found:
            for error in found.errors(include_url=False):
                place = locate(node, error["loc"])
                self.note(place, f"{_subject(entry)}: {sentence(error, shape)}", entry)
            return None

    def _can_be_picked(self, name: str, preset: Preset, providers: Mapping[str, Provider]) -> bool:
        """Whether every provider and the model that a preset names are there; what is not is noted."""
        entry = ("presets", name)
        for i, lane in enumerate(preset.lanes):
            provider = lane.partition(":")[0]
            if provider not in providers:
                hint = did_you_mean(provider, providers)
                place = locate(self.tree, (*entry, "lanes", i))
                self.note(place, f'{_subject(entry)}: unknown provider "{provider}"{hint}', entry)
                return False
        sold = {model for provider in providers.values() for model in provider.models}
        if preset.model is not None and preset.model not in sold:
            hint = did_you_mean(preset.model, sold)
            place = locate(self.tree, (*entry, "model"))
            self.note(place, f'{_subject(entry)}: no provider offers "{preset.model}"{hint}', entry)
            return False
        return True


def _entry(path: Keys) -> Keys:
    """The smallest entry that a fault at this path disables: an offer, a provider, a model, a preset."""
    return path[:4] if len(path) >= 4 and path[0] == "providers" and path[2] == "models" else path[:2]


def _subject(entry: Keys) -> str:
    if len(entry) == 4:
        return f'model "{entry[3]}" of provider "{entry[1]}"'
    return f'{str(entry[0]).removesuffix("s")} "{entry[1]}"'
