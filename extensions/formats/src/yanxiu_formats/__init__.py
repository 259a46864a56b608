"""The formats that hub, teachers' servers, graders and authors' tools agree on.

Named as the field names such a package (``nbformat``): it holds what a unit, an answer and a
bundle are, and decides nothing about who may do what with them. Pure. Both sides import it;
it imports neither. ``docs/reference/release-format.md`` is the contract in words.
"""
