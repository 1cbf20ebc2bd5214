"""A pipeline folder -> a wheel that was installed and tried."""
