import pytest

# It judges, and so its assertions must say what they found.
pytest.register_assert_rewrite("tests.faults.killing")
