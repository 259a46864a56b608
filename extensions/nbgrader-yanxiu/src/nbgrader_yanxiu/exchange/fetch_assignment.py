"""``nbgrader fetch_assignment``: the learner's folder of a unit, never over one that is there."""

from nbgrader.exchange import abc
from yanxiu_formats.bundle import unpack

from nbgrader_yanxiu import folder

from .base import Exchange, name_of
from .sentences import tell


class ExchangeFetchAssignment(Exchange, abc.ExchangeFetchAssignment):
    """Fetch a unit."""

    def copy_files(self) -> None:
        """Write the folder, or with ``--replace`` what is missing in it."""
        unit = self.unit()
        place = self.place(unit["course"], name_of(unit))
        if place.exists() and not self.replace_missing_files:
            self.fail(tell("have_it", place=place.name))
        files = unpack(self.records.release(unit["assignment"]), strip_top=True)
        if place.exists():
            added = folder.add_missing(place, files)
            self.log.warning(tell("put_back", known="、".join(added) or "0"))
            return
        mark = {
            "assignment": unit["assignment"],
            "url": self.records.page(unit["assignment"]),
            "notebook": unit["notebooks"][0],
            "notebooks": unit["notebooks"],
            "release": unit.get("release"),
            "learner": unit.get("learner"),
        }
        folder.make(place, files, mark)
        self.log.info(tell("fetched", place=place))
