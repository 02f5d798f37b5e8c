"""Operations on turns and their logs: asking once, following on, ending what a dead process left behind.

Each takes a connection, runs inside the transaction of whoever calls it, and asks for the owner in the query itself
(the sweep aside: it speaks for nobody). A conversation that is deleted hides its turns from every reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import Connection, Integer, Row, Select, Text, bindparam, func, insert, or_, select, update

from chatapp.errors import NotFound
from chatapp.ports import LogRow, NewTurn, StoredTurn, TurnState
from chatapp.store.codec import Codec
from chatapp.store.conversations import Conversations
from chatapp.store.failures import OutOfStep, taken_means_not_found
from chatapp.store.records import Records
from chatapp.store.schema import UNFINISHED, conversations, turn_log, turns

_ENDINGS: Final[dict[str, TurnState]] = {"done": "done", "error": "error"}

# Statements are made once: to build one anew takes longer than to run it. `its`: the id of a turn; `whose`: its owner.
_ITS: Final = (turns.c.turn == bindparam("its")) & (turns.c.owner == bindparam("whose"))
_WITHIN: Final = (turns.c.conversation == bindparam("conversation")) & (turns.c.owner == bindparam("whose"))
_UNFINISHED: Final = turns.c.state.in_(UNFINISHED)
_LAST_SEQ: Final = (
    select(func.coalesce(func.max(turn_log.c.seq), 0)).where(turn_log.c.turn == turns.c.turn).scalar_subquery()
)
_STORED: Final[Select[Any]] = select(turns, _LAST_SEQ.label("last_seq"))
_LOG: Final[Select[Any]] = select(*(turn_log.c[field.name] for field in fields(LogRow)))


def _shown(statement: Select[Any]) -> Select[Any]:
    """What the owner may see: turns of theirs, in conversations that are not deleted."""
    theirs = (turns.c.owner == bindparam("whose")) & (conversations.c.owner == bindparam("whose"))
    statement = statement.join(conversations, conversations.c.id == turns.c.conversation)
    return statement.where(theirs, conversations.c.deleted_at.is_(None))


_ONE: Final = _shown(_STORED).where(_ITS)
_ALL: Final = _shown(_STORED).where(_WITHIN).order_by(turns.c.position)
_LOGS: Final = (
    _shown(_LOG.join(turns, turns.c.turn == turn_log.c.turn))
    .where(turn_log.c.owner == bindparam("whose"))
    .order_by(turns.c.position, turn_log.c.seq)
)
_LOGS_WITHIN: Final = _LOGS.where(_WITHIN)
_LOG_AFTER: Final = _LOGS.where(_ITS, turn_log.c.seq > bindparam("after"))

_ASKED: Final = _STORED.where(turns.c.owner == bindparam("whose"), turns.c.client_id == bindparam("client_id"))
_OTHERS: Final = turns.alias("others")
_NEWEST: Final = (
    select(_OTHERS.c.turn)
    .where(_OTHERS.c.conversation == bindparam("conversation"))
    .order_by(_OTHERS.c.position.desc())
    .limit(1)
    .scalar_subquery()
)
_NEWEST_AND_NAMED: Final = (
    select(turns.c.turn, turns.c.parent, turns.c.position)
    .where(_WITHIN, turns.c.turn.in_((_NEWEST, bindparam("parent"), bindparam("sibling_of"))))
    .order_by(turns.c.position.desc())
)
_NEW: Final = insert(turns).inline()

_FIRST: Final = bindparam("first_of_run", type_=Integer)
_FOLLOW_ON: Final = (
    insert(turn_log)
    .from_select(
        ("turn", "owner", "first", "seq", "type", "payload"),
        select(
            turns.c.turn,
            turns.c.owner,
            _FIRST,
            bindparam("last_of_run", type_=Integer),
            bindparam("kind", type_=Text),
            bindparam("coded", type_=Text),
        ).where(_ITS, _FIRST == _LAST_SEQ + 1),
    )
    .execution_options(preserve_rowcount=True)
)
"""Adds a row where it follows what its turn holds, and nothing where it does not."""
_IS_THERE: Final = select(turns.c.turn).where(_ITS)
_LOG_FROM: Final = _LOG.where(
    turn_log.c.turn == bindparam("its"), turn_log.c.owner == bindparam("whose"), turn_log.c.seq >= bindparam("seq")
)
_SET_STATE: Final = (
    update(turns).where(_ITS, _UNFINISHED).values(lease_until=func.coalesce(bindparam("lease"), turns.c.lease_until))
)

_LEFT: Final = _STORED.where(
    _UNFINISHED, or_(turns.c.node == bindparam("node"), turns.c.lease_until < bindparam("now"))
).order_by(turns.c.created_at)
_TYPE_AT: Final = select(turn_log.c.type).where(turn_log.c.turn == bindparam("its"), turn_log.c.seq == bindparam("seq"))


@dataclass(frozen=True, slots=True)
class Turns:
    """What can be done with the rows of `turns` and `turn_log`."""

    codec: Codec
    conversations: Conversations
    records: Records

    def add(self, connection: Connection, new: NewTurn, rows: Sequence[LogRow]) -> StoredTurn:
        """Store a question with its first rows, or find it already there.

        Raises:
            NotFound: conversation, parent, sibling or an attachment is not there for this owner.
            OutOfStep: the rows do not begin at 1, or leave a gap.
        """
        known = connection.execute(_ASKED, {"whose": new.owner, "client_id": new.client_id}).one_or_none()
        if known is not None:
            return self._read(known)
        if new.new_conversation:
            self.conversations.insert(connection, new.owner, new.conversation, new.created_at)
        else:
            self.conversations.touch(connection, new.owner, new.conversation.id, new.created_at)
        stored = self._insert(connection, new, last_seq=rows[-1].seq if rows else 0)
        self.records.use_attachments(connection, new.owner, new.turn, new.attachments)
        self._follow_on(connection, new.owner, new.turn, rows)
        return stored

    def append(self, connection: Connection, owner: str, rows: Sequence[LogRow], state: TurnState | None) -> None:
        """Add rows of one turn. Those that are stored already, word for word, are left alone.

        Raises:
            NotFound: the turn is not there for this owner.
            OutOfStep: the rows do not follow what is stored.
        """
        if not rows:
            return
        turn = rows[0].turn
        self._follow_on(connection, owner, turn, rows)
        if state is not None:
            self.set_state(connection, owner, turn, state, None)

    def set_state(
        self, connection: Connection, owner: str, turn: str, state: TurnState, lease_until: float | None
    ) -> None:
        """Say where a turn stands. One that has ended stays ended; a lease that is not given stays as it is.

        Raises:
            NotFound: the turn is not there for this owner.
        """
        change = {"its": turn, "whose": owner, "state": state, "lease": lease_until}
        if connection.execute(_SET_STATE, change).rowcount == 0:
            _require(connection, owner, turn)

    def one(self, connection: Connection, owner: str, turn: str) -> StoredTurn:
        """One turn.

        Raises:
            NotFound: there is none for this owner.
        """
        row = connection.execute(_ONE, {"its": turn, "whose": owner}).one_or_none()
        if row is None:
            raise NotFound
        return self._read(row)

    def of(self, connection: Connection, owner: str, conversation: str) -> list[StoredTurn]:
        """All turns of a conversation, in order of arrival."""
        return [self._read(row) for row in connection.execute(_ALL, {"conversation": conversation, "whose": owner})]

    def log(self, connection: Connection, owner: str, turn: str, after: int) -> list[LogRow]:
        """Rows of a turn's log that hold any event beyond `after`, in order."""
        which = {"its": turn, "whose": owner, "after": after}
        return [self._read_row(row) for row in connection.execute(_LOG_AFTER, which)]

    def logs(self, connection: Connection, owner: str, conversation: str) -> dict[str, list[LogRow]]:
        """The logs of all turns of a conversation, by turn, in order of arrival."""
        by_turn: dict[str, list[LogRow]] = {}
        for row in connection.execute(_LOGS_WITHIN, {"conversation": conversation, "whose": owner}):
            by_turn.setdefault(row.turn, []).append(self._read_row(row))
        return by_turn

    def sweep(self, connection: Connection, node: str, now: float, payload: str) -> list[str]:
        """End the turns that `node` left running, and those whose lease is over; return their ids.

        A turn whose log already ends in `done` or `error` was only not marked so: it gets its state, and no second end.
        """
        left = connection.execute(_LEFT, {"node": node, "now": now}).all()
        return [row.turn for row in left if self._end(connection, row, payload)]

    def _end(self, connection: Connection, row: Row[Any], payload: str) -> bool:
        last = connection.execute(_TYPE_AT, {"its": row.turn, "seq": row.last_seq}).scalar()
        ending = _ENDINGS.get(last or "")
        if ending is None:
            seq = row.last_seq + 1
            self._follow_on(connection, row.owner, row.turn, [LogRow(row.turn, seq, seq, "done", payload)])
        self.set_state(connection, row.owner, row.turn, ending or "interrupted", None)
        return ending is None

    def _insert(self, connection: Connection, new: NewTurn, *, last_seq: int) -> StoredTurn:
        parent, position = _place(connection, new)
        stored = StoredTurn(
            turn=new.turn,
            conversation=new.conversation.id,
            owner=new.owner,
            client_id=new.client_id,
            parent=parent,
            text=new.text,
            wish=new.wish,
            attachments=tuple(new.attachments),
            state=new.state,
            position=position,
            last_seq=last_seq,
            created_at=new.created_at,
            node=new.node,
            lease_until=new.lease_until,
        )
        row = {column.name: getattr(stored, column.name) for column in turns.c}
        with taken_means_not_found():
            connection.execute(_NEW, row | {"text": self.codec.encode(new.text)})
        return stored

    def _follow_on(self, connection: Connection, owner: str, turn: str, rows: Sequence[LogRow]) -> None:
        """Add `rows` to a turn's log, leaving alone those stored already, word for word."""
        if not rows:
            return
        if not follows(rows[0].first - 1, rows) or any(row.turn != turn for row in rows):
            raise OutOfStep
        values = [
            {
                "its": turn,
                "whose": owner,
                "first_of_run": row.first,
                "last_of_run": row.seq,
                "kind": row.type,
                "coded": self.codec.encode(row.payload),
            }
            for row in rows
        ]
        if connection.execute(_FOLLOW_ON, values).rowcount < len(rows):
            self._require_rows(connection, owner, turn, rows)

    def _require_rows(self, connection: Connection, owner: str, turn: str, rows: Sequence[LogRow]) -> None:
        """Rows that did not follow may be there already: a write that was stored, but whose caller was told no."""
        _require(connection, owner, turn)
        which = {"its": turn, "whose": owner, "seq": rows[0].seq}
        if not {self._read_row(row) for row in connection.execute(_LOG_FROM, which)}.issuperset(rows):
            raise OutOfStep

    def _read(self, row: Row[Any]) -> StoredTurn:
        return StoredTurn(
            turn=row.turn,
            conversation=row.conversation,
            owner=row.owner,
            client_id=row.client_id,
            parent=row.parent,
            text=self.codec.decode(row.text),
            wish=row.wish,
            attachments=tuple(row.attachments),
            state=row.state,
            position=row.position,
            last_seq=row.last_seq,
            created_at=row.created_at,
            node=row.node,
            lease_until=row.lease_until,
        )

    def _read_row(self, row: Row[Any]) -> LogRow:
        return LogRow(row.turn, row.first, row.seq, row.type, self.codec.decode(row.payload))


def follows(last_seq: int, rows: Sequence[LogRow]) -> bool:
    """Whether `rows` go on from `last_seq` without gap or repeat."""
    for row in rows:
        if row.first != last_seq + 1 or row.seq < row.first:
            return False
        last_seq = row.seq
    return True


def _require(connection: Connection, owner: str, turn: str) -> None:
    if connection.execute(_IS_THERE, {"its": turn, "whose": owner}).scalar() is None:
        raise NotFound


def _place(connection: Connection, new: NewTurn) -> tuple[str | None, int]:
    """The turn that a new one follows, and its position.

    Where none is named it follows the one that came last: nothing can follow that yet, and nothing can have replaced
    it, so the highest position is always the newest leaf. In a new conversation there is nothing to look for.

    Raises:
        NotFound: a turn it names is not in this conversation.
    """
    named = {"parent": new.parent, "sibling_of": new.sibling_of}
    which = {"conversation": new.conversation.id, "whose": new.owner} | named
    found = [] if new.new_conversation else connection.execute(_NEWEST_AND_NAMED, which).all()
    parents: dict[str | None, str | None] = {row.turn: row.parent for row in found} | {None: None}
    if not parents.keys() >= set(named.values()):
        raise NotFound
    newest, position = (found[0].turn, found[0].position) if found else (None, 0)
    parent = parents[new.sibling_of] if new.sibling_of is not None else new.parent or newest
    return parent, position + 1
