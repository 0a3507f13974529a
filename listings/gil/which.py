"""Says which Python this is, and whether its threads run bytecode side by side."""

# ANCHOR: which
import platform
import sys

one_at_a_time = getattr(sys, "_is_gil_enabled", lambda: True)()
print(platform.python_implementation(), platform.python_version())
print("bytecode:", "one thread at a time" if one_at_a_time else "threads side by side")
print(f"the thread that runs is asked to let go after {sys.getswitchinterval() * 1000:g} ms")
# ANCHOR_END: which
