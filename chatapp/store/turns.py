"""Operations on turns and their logs: asking once, following on, ending what a dead process left behind.

Each takes a connection, runs inside the transaction of whoever calls it, and asks for the owner in the query itself
(the sweep aside: it speaks for nobody). A conversation that is deleted hides its turns from every reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, Select, func, insert, or_, select, update

from chatapp.errors import NotFound
from chatapp.ports import LogRow, NewTurn, StoredTurn, TurnState
from chatapp.store.codec import Codec
from chatapp.store.conversations import Conversations
from chatapp.store.failures import OutOfStep, taken_means_not_found
from chatapp.store.records import Records
from chatapp.store.schema import UNFINISHED, conversations, turn_log, turns

_LAST_SEQ: Final[ScalarSelect[int]] = (
    select(func.coalesce(func.max(turn_log.c.seq), 0)).where(turn_log.c.turn == turns.c.turn).scalar_subquery()
)
_STORED: Final[Select[Any]] = select(turns, _LAST_SEQ.label("last_seq"))
_LOG: Final[Select[Any]] = select(
    turn_log.c.turn, turn_log.c.first, turn_log.c.seq, turn_log.c.type, turn_log.c.payload
)
_ENDINGS: Final[dict[str, TurnState]] = {"done": "done", "error": "error"}


def _shown(statement: Select[Any], owner: str) -> Select[Any]:
    """What this owner may see: turns of theirs, in conversations that are not deleted."""
    statement = statement.join(conversations, conversations.c.id == turns.c.conversation)
    return statement.where(turns.c.owner == owner, conversations.c.owner == owner, conversations.c.deleted_at.is_(None))


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
        """
        mine = _STORED.where(turns.c.owner == new.owner)
        known = connection.execute(mine.where(turns.c.client_id == new.client_id)).one_or_none()
        if known is not None:
            return self._read(known)
        if new.new_conversation:
            self.conversations.insert(connection, new.owner, new.conversation)
        conversation = self.conversations.one(connection, new.owner, new.conversation.id)
        self._insert(connection, new)
        self.records.use_attachments(connection, new.owner, new.turn, new.attachments)
        self._follow_on(connection, new.owner, new.turn, 0, rows)
        self.conversations.touch(connection, new.owner, conversation.id, new.created_at)
        return self._read(connection.execute(mine.where(turns.c.turn == new.turn)).one())

    def append(self, connection: Connection, owner: str, rows: Sequence[LogRow], state: TurnState | None) -> None:
        """Add rows of one turn. Those that are stored already, word for word, are left alone.

        Raises:
            NotFound: the turn is not there for this owner.
            OutOfStep: the rows do not follow what is stored.
        """
        if not rows:
            return
        turn = rows[0].turn
        stored = select(_LAST_SEQ).where(turns.c.turn == turn, turns.c.owner == owner)
        last_seq = connection.execute(stored).scalar()
        if last_seq is None:
            raise NotFound
        self._follow_on(connection, owner, turn, last_seq, rows)
        if state is not None:
            self.set_state(connection, owner, turn, state, None)

    def set_state(
        self, connection: Connection, owner: str, turn: str, state: TurnState, lease_until: float | None
    ) -> None:
        """Say where a turn stands. One that has ended stays ended; a lease that is not given stays as it is.

        Raises:
            NotFound: the turn is not there for this owner.
        """
        its = (turns.c.turn == turn) & (turns.c.owner == owner)
        values = {"state": state} if lease_until is None else {"state": state, "lease_until": lease_until}
        changed = connection.execute(update(turns).where(its, turns.c.state.in_(UNFINISHED)).values(values))
        if changed.rowcount == 0 and connection.execute(select(turns.c.turn).where(its)).scalar() is None:
            raise NotFound

    def one(self, connection: Connection, owner: str, turn: str) -> StoredTurn:
        """One turn.

        Raises:
            NotFound: there is none for this owner.
        """
        row = connection.execute(_shown(_STORED, owner).where(turns.c.turn == turn)).one_or_none()
        if row is None:
            raise NotFound
        return self._read(row)

    def of(self, connection: Connection, owner: str, conversation: str) -> list[StoredTurn]:
        """All turns of a conversation, in order of arrival."""
        statement = _shown(_STORED, owner).where(turns.c.conversation == conversation).order_by(turns.c.position)
        return [self._read(row) for row in connection.execute(statement)]

    def log(self, connection: Connection, owner: str, which: ColumnElement[bool]) -> list[LogRow]:
        """Rows of the logs of turns that `which` picks, turn by turn in order."""
        statement = _shown(_LOG.join(turns, turns.c.turn == turn_log.c.turn), owner)
        statement = statement.where(turn_log.c.owner == owner, which).order_by(turns.c.position, turn_log.c.seq)
        return [self._read_row(row) for row in connection.execute(statement)]

    def sweep(self, connection: Connection, node: str, now: float, payload: str) -> list[str]:
        """End the turns that `node` left running, and those whose lease is over; return their ids.

        A turn whose log already ends in `done` or `error` was only not marked so: it gets its state, and no second end.
        """
        dead = or_(turns.c.node == node, turns.c.lease_until < now)
        left = connection.execute(_STORED.where(turns.c.state.in_(UNFINISHED), dead).order_by(turns.c.created_at)).all()
        return [row.turn for row in left if self._end(connection, row, payload)]

    def _end(self, connection: Connection, row: Row[Any], payload: str) -> bool:
        last = select(turn_log.c.type).where(turn_log.c.turn == row.turn, turn_log.c.seq == row.last_seq)
        ending = _ENDINGS.get(connection.execute(last).scalar() or "")
        if ending is None:
            seq = row.last_seq + 1
            self._follow_on(
                connection, row.owner, row.turn, row.last_seq, [LogRow(row.turn, seq, seq, "done", payload)]
            )
        self.set_state(connection, row.owner, row.turn, ending or "interrupted", None)
        return ending is None

    def _insert(self, connection: Connection, new: NewTurn) -> None:
        its = (turns.c.conversation == new.conversation.id) & (turns.c.owner == new.owner)
        newest = connection.execute(select(func.max(turns.c.position)).where(its)).scalar() or 0
        row = {
            "turn": new.turn,
            "conversation": new.conversation.id,
            "owner": new.owner,
            "client_id": new.client_id,
            "parent": _parent(connection, new, its, newest),
            "text": self.codec.encode(new.text),
            "wish": new.wish,
            "attachments": list(new.attachments),
            "state": new.state,
            "position": newest + 1,
            "created_at": new.created_at,
            "node": new.node,
            "lease_until": new.lease_until,
        }
        with taken_means_not_found(connection):
            connection.execute(insert(turns), row)

    def _follow_on(self, connection: Connection, owner: str, turn: str, last_seq: int, rows: Sequence[LogRow]) -> None:
        fresh = [row for row in rows if row.seq > last_seq]
        again = [row for row in rows if row.seq <= last_seq]
        if again:
            its = (turn_log.c.turn == turn) & (turn_log.c.owner == owner) & (turn_log.c.seq >= again[0].seq)
            stored = {self._read_row(row) for row in connection.execute(_LOG.where(its))}
            if not stored.issuperset(again):
                raise OutOfStep
        if not follows(last_seq, fresh) or any(row.turn != turn for row in fresh):
            raise OutOfStep
        if fresh:
            values = [asdict(row) | {"owner": owner, "payload": self.codec.encode(row.payload)} for row in fresh]
            connection.execute(insert(turn_log), values)

    def _read(self, row: Row[Any]) -> StoredTurn:
        facts = dict(row._mapping)
        facts |= {"text": self.codec.decode(row.text), "attachments": tuple(row.attachments)}
        return StoredTurn(**facts)

    def _read_row(self, row: Row[Any]) -> LogRow:
        return LogRow(row.turn, row.first, row.seq, row.type, self.codec.decode(row.payload))


def follows(last_seq: int, rows: Sequence[LogRow]) -> bool:
    """Whether `rows` go on from `last_seq` without gap or repeat."""
    for row in rows:
        if row.first != last_seq + 1 or row.seq < row.first:
            return False
        last_seq = row.seq
    return True


def _parent(connection: Connection, new: NewTurn, its: ColumnElement[bool], newest: int) -> str | None:
    """The turn that a new one follows.

    Where none is named it is the one that came last: nothing can follow it yet, and nothing can have replaced it, so
    the highest position is always the newest leaf.

    Args:
        its: picks the turns of the conversation. newest: their highest position, 0 where there is none.
    """
    named = [turn for turn in (new.parent, new.sibling_of) if turn is not None]
    found = connection.execute(select(turns.c.turn, turns.c.parent).where(its, turns.c.turn.in_(named)))
    parents: dict[str, str | None] = {row.turn: row.parent for row in found}
    if not parents.keys() >= set(named):
        raise NotFound
    if new.sibling_of is not None:
        return parents[new.sibling_of]
    if new.parent is not None:
        return new.parent
    leaf: str | None = connection.execute(select(turns.c.turn).where(its, turns.c.position == newest)).scalar()
    return leaf
