"""YAML with the place of every value kept, so that a mistake can be pointed at after files are merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import yaml

from osstui.catalog.problems import BrokenFileError

if TYPE_CHECKING:
    from yaml.nodes import Node as YamlNode

_MAX_DEPTH = 20
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Keys = tuple[str | int, ...]


class Node(NamedTuple):
    """A value and the place where it was written: a mapping, a sequence or a scalar."""

    value: object
    file: str
    line: int
    """Of the key for a mapping's child, of the value itself elsewhere; counted from 1."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake that YAML lets pass or that only stops one value."""

    path: Keys
    line: int
    message: str


def parse(text: str, file: str) -> tuple[Node, list[Fault]]:
    """The file's tree and its local faults. Raises BrokenFileError for broken YAML."""
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return Node({}, file, 1), []
        reader = _Reader(loader, file)
        return reader.read(root, (), root.start_mark.line + 1), reader.faults
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise BrokenFileError(file, line, f"this is not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise BrokenFileError(file, None, f"this is not YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise BrokenFileError(file, None, "this nests too deeply to be a catalog") from None
    finally:
        loader.dispose()


class _Reader:
    def __init__(self, loader: yaml.SafeLoader, file: str) -> None:
        self.loader = loader
        self.file = file
        self.faults: list[Fault] = []

    def read(self, node: YamlNode, path: Keys, line: int) -> Node:
        if len(path) > _MAX_DEPTH:
            raise BrokenFileError(self.file, line, "this nests too deeply to be a catalog")
        if isinstance(node, yaml.MappingNode):
            return Node(self._mapping(node, path), self.file, line)
        if isinstance(node, yaml.SequenceNode):
            items = enumerate(node.value)
            return Node(
                tuple(self.read(item, (*path, i), item.start_mark.line + 1) for i, item in items),
                self.file,
                line,
            )
        return Node(self._scalar(node, path), self.file, line)

    def _mapping(self, node: yaml.MappingNode, path: Keys) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append(Fault(path, line, "a key must be a plain word"))
                continue
            key = key_node.value
            if key in found:
                message = f'"{key}" is given twice, first on line {found[key].line}'
                self.faults.append(Fault((*path, key), line, message))
                continue
            found[key] = self.read(value_node, (*path, key), line)
        return found

    def _scalar(self, node: YamlNode, path: Keys) -> object:
        if node.tag == "tag:yaml.org,2002:str":
            return node.value
        try:
            return self.loader.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            what = error.problem if isinstance(error, yaml.MarkedYAMLError) else error
            hint = "; a date is written 2026-11-01" if node.tag == "tag:yaml.org,2002:timestamp" else ""
            message = f"{path[-1] if path else 'the file'} can't be read: {what}{hint}"
            self.faults.append(Fault(path, node.start_mark.line + 1, message))
            return None


def merge(base: Node, over: Node) -> Node:
    """`over` laid on `base`, key by key: mappings merge, everything else replaces, and null clears."""
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    merged = dict(base.value)
    for key, node in over.value.items():
        merged[key] = merge(merged[key], node) if key in merged else node
    return Node(merged, over.file, over.line)


def plain(node: Node) -> object:
    """The bare value, sequences as tuples. A key whose value is null counts as not given."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items() if child.value is not None}
    if isinstance(node.value, tuple):
        return tuple(plain(child) for child in node.value)
    return node.value


def locate(node: Node, path: Keys) -> Node:
    """The node at the path, or the deepest one on the way to it."""
    for step in path:
        children = node.value
        if isinstance(children, tuple):
            children = dict(enumerate(children))
        if not isinstance(children, dict) or step not in children:
            break
        node = children[step]
    return node
