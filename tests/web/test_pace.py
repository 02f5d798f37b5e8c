"""At most so many in so much time, by a clock that is given."""

from __future__ import annotations

import pytest

from chatapp.web.pace import Pace


def test_so_many_may_happen_and_then_no_more() -> None:
    pace = Pace(3, 60, lambda: 0.0)
    assert [pace.take() for _ in range(5)] == [True, True, True, False, False]


def test_the_wait_is_until_the_oldest_is_out_of_sight() -> None:
    now = 100.0
    pace = Pace(2, 10, lambda: now)
    assert pace.take()
    now = 104.0
    assert pace.take()
    assert pace.wait_s == 6.0
    now = 109.5
    assert not pace.take()
    now = 110.0
    assert pace.wait_s == 0.0
    assert [pace.take(), pace.take()] == [True, False]
    assert pace.wait_s == 4.0


@pytest.mark.parametrize("most", [0, -1])
def test_nothing_may_happen_where_nothing_is_allowed(most: int) -> None:
    pace = Pace(most, 60, lambda: 0.0)
    assert not pace.take()
    assert pace.wait_s == 60
