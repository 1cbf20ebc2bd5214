"""What a test sees of a page: its figures, and how well its texts can be read."""

import json
from html.parser import HTMLParser

import pytest

from spacy_domain.report.figures import FORMATS


class Data(HTMLParser):
    """The data elements of a page, and its text without them."""

    def __init__(self, page):
        super().__init__()
        self.found, self.rest, self.inside = [], [], None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == "data":
            self.inside = dict(attributes)

    def handle_endtag(self, tag):
        if tag == "data":
            self.found.append(self.inside)
            self.inside = None

    def handle_data(self, data):
        if self.inside is None:
            self.rest.append(data)
        else:
            self.inside["shown"] = data


def look_up(project, where):
    file, pointer = where.split("#")
    value = json.loads(project.read(file))
    for key in pointer.split("/")[1:]:
        key = key.replace("~1", "/").replace("~0", "~")
        value = value[int(key) if isinstance(value, list) else key]
    return value


def check_figures(project):
    """Every figure is in the file that it names, and is shown as it is there. Returns the page's data elements."""
    page = Data(project.read("metrics/report.html"))
    for figure in page.found:
        value = look_up(project, figure["data-from"])
        assert float(figure["value"]) == pytest.approx(value, abs=1e-9)
        # not of what the file holds: readers of JSON differ in the last bit, which can decide how a 5 is rounded
        assert figure["shown"] == FORMATS[figure["data-form"]](float(figure["value"]))
    return page


# The least contrast of a text with what is behind it: WCAG 2.2, relative luminance
CONTRAST = """(() => {
  const paint = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3] > 250) return colour;
    }
    return [255, 255, 255];
  };
  let least = 21;
  for (const e of document.querySelectorAll("main *, header *")) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || !e.offsetHeight) continue;
    const [a, b] = [light(rgba(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    least = Math.min(least, (a + 0.05) / (b + 0.05));
  }
  return least;
})()"""
