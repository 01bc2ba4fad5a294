"""`docs/explain.md` shows what the service says."""

from lifecycle.anomalies import ANOMALIES
from lifecycle.explanation.standing import State
from lifecycle.stages import Status
from tests.projections.explain.document import DOCUMENT, explanations, with_explanations
from tests.projections.explain.examples import examples


async def test_the_explanations_are_up_to_date(database_url: str) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    made = await explanations(database_url)
    assert with_explanations(text, made) == text, "run: python -m tests.projections.explain.document"


def test_every_status_anomaly_and_state_is_shown() -> None:
    shown = {example.heading for example in examples()}
    assert {*Status, *ANOMALIES} <= shown
    text = DOCUMENT.read_text(encoding="utf-8")
    assert all(f"| `{state}` | " in text for state in State)
