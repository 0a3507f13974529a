"""Another program: run to its end, to its failure, and to a time limit."""

import subprocess
import sys


# ANCHOR: run
def run(code, limit=30):
    program = [sys.executable, "-c", code]
    try:
        ended = subprocess.run(
            program, capture_output=True, text=True, timeout=limit
        )
    except subprocess.TimeoutExpired:
        return "killed at the time limit, and waited for"
    return f"code {ended.returncode}, printed {ended.stdout.strip()!r}"


print(run("print(6 * 7)"))
print(run("import sys; sys.exit(3)"))
print(run("while True: pass", limit=0.5))
# ANCHOR_END: run
