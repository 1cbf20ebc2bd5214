"""A reader a format, with its traps; and writers of those that are written, too. Each adds itself to the registry."""
