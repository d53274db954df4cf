"""What everybody is called who acts in the clinic's name: people and other systems, by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.storage import clients, people

if TYPE_CHECKING:
    from intake.storage import Store


def names_of_actors(store: Store) -> dict[str, str]:
    """Return the names of every account and of every other system that there ever was."""
    return {**systems(store), **{who.id: who.name for who in people.practitioners(store)}}


def systems(store: Store) -> dict[str, str]:
    """Return what other systems are called, by their ids."""
    return {one.id: one.name for one in clients.clients(store)}
