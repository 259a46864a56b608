"""The migrations, one after the other, end where the models are."""

import yanxiu.portal.app
import yanxiu.quota.model  # noqa: F401 - whose pages are not there yet
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from yanxiu.store.base import Base


def test_an_upgraded_database_has_the_tables_of_the_models(store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
