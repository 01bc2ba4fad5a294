"""The picture in the docs is whole and has a bar for each contender."""

from xml.etree import ElementTree

from bench.bars import bars
from bench.summary import Figure


def test_each_contender_has_a_bar_as_long_as_its_share() -> None:
    values = {"ours": Figure(1.0, 0.9, 2.0), "the <loop>": Figure(0.5, 0.5, 0.5)}
    picture = ElementTree.fromstring(bars("beside", values))
    widths = [float(each.get("width", "")) for each in picture.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths[0] == 2 * widths[1]
