"""Says which Python this is, and whether its threads run bytecode side by side."""

# ANCHOR: which
import platform
import sys

locked = getattr(sys, "_is_gil_enabled", lambda: True)()
print(platform.python_implementation(), platform.python_version())
print("bytecode:", "one thread at a time" if locked else "side by side")
print(f"asked to let go after {sys.getswitchinterval() * 1000:g} ms")
# ANCHOR_END: which
