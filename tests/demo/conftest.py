"""The demo company, made once for all tests of a worker."""

import pytest
from tests.demo.asked import Company, run


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("company")
    code, out, err = run(folder, "demo")
    assert code == 0, err
    return Company(folder, out)
