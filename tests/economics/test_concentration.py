from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from costper.economics.concentration import Concentration, concentration, ordered
from costper.model.answer import Absent

amounts = st.decimals(0, 10**9, places=6)
populations = st.lists(amounts, min_size=1, max_size=60).map(
    lambda values: {f"{at:03}": value for at, value in enumerate(values)}
)


def share(found: Concentration, percent: int) -> object:
    return next(top.share for top in found.tops if top.percent == percent)


def test_five_users_at_eighty_and_ninety_five_sharing_six_hundred() -> None:
    rest = [Decimal("6.315789")] * 94
    users = {f"u{at}": Decimal(80) for at in range(5)}
    users |= {
        f"v{at}": value for at, value in enumerate([*rest, Decimal(600) - sum(rest, Decimal(0))])
    }
    found = concentration(users)
    assert (found.members, found.total) == (100, Decimal(1000))
    assert share(found, 5) == Decimal("40.00")
    assert (found.gini, found.hhi) == (Decimal("0.3500"), Decimal("0.0358"))


def test_a_hundred_equal_users_are_not_concentrated_at_all() -> None:
    found = concentration({str(at): Decimal(7) for at in range(100)})
    assert (share(found, 5), found.gini) == (Decimal(5), Decimal(0))
    assert all(members == carried for members, carried in found.lorenz)


def test_one_of_twenty_who_pays_all_is_the_top_five_percent() -> None:
    found = concentration({str(at): Decimal(at == 7) for at in range(20)})
    assert (found.tops[1].members, share(found, 5), found.gini) == (
        1,
        Decimal(100),
        Decimal("0.95"),
    )
    assert share(found, 1) == Absent("too_few")


def test_five_percent_of_nineteen_members_is_not_told() -> None:
    assert share(concentration({str(at): Decimal(1) for at in range(19)}), 5) == Absent("too_few")
    assert share(concentration({str(at): Decimal(1) for at in range(20)}), 5) == 5


def test_negative_amounts_are_refused_and_nothing_is_not_spread() -> None:
    for members, reason in (({"a": Decimal(-1), "b": Decimal(2)}, "negative"), ({}, "no_cost")):
        found = concentration(members)
        lack = Absent(reason)
        assert (found.gini, found.hhi, found.lorenz) == (lack, lack, ())
        assert {top.share for top in found.tops} == {lack}


@given(populations)
def test_the_measures_stay_within_their_limits(members: dict[str, Decimal]) -> None:
    found = concentration(members)
    many = len(members)
    assert Fraction(found.total) == sum(map(Fraction, members.values()))
    if not found.total:
        return
    assert isinstance(found.gini, Decimal)
    assert isinstance(found.hhi, Decimal)
    assert 0 <= found.gini <= 1 - Fraction(1, many) + Fraction(1, 10**4)
    assert Fraction(1, many) - Fraction(1, 10**4) <= Fraction(found.hhi) <= 1
    assert found.lorenz[0] == (Decimal(0), Decimal(0))
    assert found.lorenz[-1] == (Decimal(100), Decimal(100))
    assert all(carried <= share + Decimal("0.01") for share, carried in found.lorenz)
    shares = [top.share for top in found.tops if isinstance(top.share, Decimal)]
    assert shares == sorted(shares)


@given(populations, st.integers(1, 10**6))
def test_another_currency_changes_no_share(members: dict[str, Decimal], rate: int) -> None:
    one = concentration(members)
    other = concentration({name: cost * rate for name, cost in members.items()})
    assert (one.tops, one.gini, one.hhi, one.lorenz) == (
        other.tops,
        other.gini,
        other.hhi,
        other.lorenz,
    )


@given(populations)
def test_members_are_ordered_dearest_first_then_by_name(members: dict[str, Decimal]) -> None:
    names = ordered(members)
    assert names == sorted(sorted(members), key=lambda name: -members[name])
