"""The commands of project.yml (one module each) and the rooms that do their work."""

import os
import sys

if os.environ.get("NO_COLOR") or not sys.stdout.isatty():
    # wasabi, which spaCy prints with too, does not know NO_COLOR and colours files; it looks at this when imported.
    os.environ["ANSI_COLORS_DISABLED"] = "1"
