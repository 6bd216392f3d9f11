import subprocess
import sys

import pytest

CODE = """
import sys
{core}
from engine.runtime.embedded.leaving import leave
print("said")
leave({code})
"""


@pytest.mark.parametrize("core", ["", "import temporalio.client"])
@pytest.mark.parametrize("code", [0, 1, 3])
def test_a_process_ends_with_its_code_and_everything_it_said_whether_or_not_it_used_temporal(
    core: str, code: int
) -> None:
    program = CODE.format(core=core, code=code)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (code, "said\n")
