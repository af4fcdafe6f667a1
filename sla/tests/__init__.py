import pytest

# So that what fails there says which values differed.
pytest.register_assert_rewrite("sla.tests.lives")
