"""Messages that could not be taken in: listed, looked at, published again after the fix, or given up."""
