import json

from hypothesis import given
from hypothesis import strategies as st

from osstui.cli.output import json_document, safe_json
from osstui.cli.progress import line
from osstui.measure.run import RunState
from osstui.safe_text import visible


@given(st.text())
def test_safe_json_is_the_same_data_and_nothing_in_it_moves_a_terminal(text: str) -> None:
    written = json_document({"text": text})
    assert json.loads(written) == {"text": text}
    assert visible(written) == written


def test_letters_of_any_script_and_emoji_stay_readable() -> None:
    text = '"Ωμέγα 日本語 👩‍👩‍👧"'
    assert safe_json(text) == text


def test_characters_beyond_the_first_plane_become_surrogate_pairs() -> None:
    assert safe_json('"\U000e0041"') == r'"\udb40\udc41"'


def test_before_anything_happened_the_progress_line_says_starting() -> None:
    assert line(RunState()) == "starting"
