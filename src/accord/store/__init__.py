"""The memory: connector space, metaverse, pending exports, plans, activities, history. Decides nothing.

SQLite in a data folder or PostgreSQL by URL, the same code on both. Frames in, frames out; every change is one
transaction. The store reads no clock: times come in as arguments.
"""

from accord.store.opening import open_store
from accord.store.store import Store

__all__ = ["Store", "open_store"]
