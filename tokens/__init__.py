"""The composition root: settings, commands, embedded servers; the one place that wires the other packages."""
