"""Who has a conversation open hears of it, and nobody else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from chatapp.chat.feeds import Feeds
from chatapp.chat.log import TurnLog
from chatapp.messages import Conversation

HERE = Conversation("c1", "ann", "Shifts", "hybrid")


@dataclass(eq=False)
class Listener:
    feeds: Feeds
    leaves: bool = False
    heard: list[str] = field(default_factory=list)

    def conversation_changed(self, conversation: Conversation) -> None:
        self.heard.append(conversation.title)
        if self.leaves:
            self.feeds.unwatch(conversation.id, self)

    def turn_started(self, log: TurnLog) -> None:
        self.heard.append(log.turn)


def test_everybody_who_has_it_open_hears_of_changes_and_turns() -> None:
    feeds = Feeds()
    one, two, elsewhere = Listener(feeds), Listener(feeds), Listener(feeds)
    for listener in (one, two, one):
        feeds.watch("c1", listener)
    feeds.watch("c2", elsewhere)
    feeds.changed(HERE)
    feeds.started(TurnLog("t1", "c1", "ann"))
    assert (one.heard, two.heard, elsewhere.heard) == (["Shifts", "t1"], ["Shifts", "t1"], [])


def test_whoever_closes_it_hears_nothing_more_and_is_forgotten() -> None:
    feeds = Feeds()
    listener = Listener(feeds)
    feeds.watch("c1", listener)
    feeds.unwatch("c1", listener)
    feeds.unwatch("c1", listener)
    feeds.unwatch("never", listener)
    feeds.changed(HERE)
    assert listener.heard == []
    assert repr(feeds) == "<Feeds of 0 conversations>"


def test_somebody_may_leave_while_everybody_is_told() -> None:
    feeds = Feeds()
    listeners = [Listener(feeds, leaves=True) for _ in range(3)]
    for listener in listeners:
        feeds.watch("c1", listener)
    feeds.changed(HERE)
    feeds.changed(replace(HERE, title="Later"))
    assert [listener.heard for listener in listeners] == [["Shifts"]] * 3


def test_asking_about_a_conversation_nobody_has_open_keeps_nothing() -> None:
    feeds = Feeds()
    feeds.changed(HERE)
    feeds.started(TurnLog("t1", "c1", "ann"))
    assert repr(feeds) == "<Feeds of 0 conversations>"
