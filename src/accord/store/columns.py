"""What tables are made of: the two kinds of columns, and the collection all tables belong to."""

import sqlalchemy as sa

metadata = sa.MetaData()

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def id_column(
    name: str, *, primary_key: bool = False, nullable: bool = False, server_default: str | None = None
) -> sa.Column[int]:
    """Return a column of whole numbers that the database does not hand out."""
    return sa.Column(
        name, Id, primary_key=primary_key, nullable=nullable, autoincrement=False, server_default=server_default
    )


def sequence_column(name: str = "seq") -> sa.Column[int]:
    """Return a key that the database hands out."""
    return sa.Column(name, Id, primary_key=True, autoincrement=True)


def text_column(
    name: str, *, primary_key: bool = False, nullable: bool = False, server_default: str | None = None
) -> sa.Column[str]:
    """Return a column of text."""
    return sa.Column(name, sa.Text, primary_key=primary_key, nullable=nullable, server_default=server_default)
