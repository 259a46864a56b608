"""The site's organizations as a tree, from the root down.

Pure. Which kind may stand below which is ``people.rules``' business; here only that every
parent is there and that nothing stands below itself.
"""

from dataclasses import dataclass

from yanxiu.errors import SettingsError

from .model import Site


@dataclass(frozen=True)
class Node:
    """One organization.

    :param place: where it stands in ``site.yaml``
    :param parent: code of what it stands below, None for the root
    """

    place: str
    kind: str
    code: str
    name: str
    parent: str | None


def tree_of(site: Site) -> list[Node]:
    """Return every organization after the one that it stands below.

    :raises SettingsError: a parent is not there, or a circle
    """
    county = site.county
    every = {county.code: Node("county", "county", county.code, county.name, county.parent)}
    for code, one in site.organizations.items():
        parent = one.parent or (county.code if one.kind == "cluster" else None)
        every[code] = Node(f"organizations.{code}", one.kind, code, one.name, parent)
    for code, school in site.schools.items():
        parent = school.parent or county.code
        every[code] = Node(f"schools.{code}", "school", code, school.name, parent)
    ordered: dict[str, Node] = {}
    waiting = dict(every)
    while waiting:
        ready = [n for n in waiting.values() if n.parent is None or n.parent in ordered]
        if not ready:
            raise _broken(next(iter(waiting.values())), every)
        for node in ready:
            ordered[node.code] = waiting.pop(node.code)
    return list(ordered.values())


def _broken(node: Node, every: dict[str, Node]) -> SettingsError:
    if node.parent in every:
        return SettingsError(f"site.yaml: {node.place}.parent 绕了一圈回到自己。请改正。")
    known = "，".join(code for code, one in every.items() if one.kind != "school")
    return SettingsError(
        f"site.yaml: {node.place}.parent 是 {node.parent!r}，没有这个单位。\n"
        f"已知: {known}。\n请在 organizations 下添加，或改正。"
    )
