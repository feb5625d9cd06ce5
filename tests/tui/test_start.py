"""Which lanes the app opens with."""

from osstui.engine.api import KeyStatus
from osstui.tui.start import Surroundings, opening_lanes
from tests.tui.scripted import catalog


def having(*providers: str) -> Surroundings:
    return Surroundings({name: KeyStatus(name, True, True, "A_KEY") for name in providers})


def test_one_key_opens_a_host_once_whatever_routes_it_has() -> None:
    routes = [p for p in catalog().providers.values() if p.route_of]
    assert routes
    for route in routes:
        around = having(str(route.route_of), route.id)
        assert opening_lanes(catalog(), around, (), None, demo=False, fits=6) == [route.route_of]


def test_without_a_choice_the_fastest_by_what_is_published_open_first() -> None:
    around = having("deepinfra", "cerebras", "groq")
    lanes = opening_lanes(catalog(), around, (), None, demo=False, fits=6)
    assert lanes == ["cerebras", "groq", "deepinfra"]
