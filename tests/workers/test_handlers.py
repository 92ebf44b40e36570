"""Every message has somebody who acts on it."""

import importlib
import pkgutil
from collections.abc import Iterator

import guerdon
from guerdon.plumbing import outbox
from guerdon.plumbing.outbox import Message
from guerdon_workers.actors import all_handlers, all_schedules


def features() -> Iterator[str]:
    """Every module of the product that could declare a message."""
    for found in pkgutil.walk_packages(guerdon.__path__, "guerdon."):
        leaf = found.name.rpartition(".")[2]
        if leaf in {"messages", "jobs", "inbox", "events", "housekeeping", "operations"}:
            yield found.name


def test_every_message_has_a_handler() -> None:
    for name in features():
        importlib.import_module(name)
    topics = {
        topic
        for topic, kind in outbox.messages().items()
        if kind.__module__.startswith("guerdon.") and not topic.startswith("test.")
    }
    assert len(topics) > 10
    assert topics - all_handlers().topics == set()


def test_a_message_without_a_handler_is_seen() -> None:
    class Nobody(Message, frozen=True):
        topic = "test.nobody_listens"

    assert Nobody.topic in set(outbox.messages()) - all_handlers().topics


def test_what_is_scheduled_has_no_fields_and_a_handler() -> None:
    for every in all_schedules():
        assert every.message.__struct_fields__ == ()
        assert every.message.topic in all_handlers().topics
        assert every.seconds >= 10
