"""研修Hub: the hub side, everything that runs with the Hub's or a service's privileges.

The rooms are trust boundaries (see ``docs/explanation/house.md``); ``configure`` and
``cli`` are the only modules that know them all.
"""

__version__ = "0.1.0"
