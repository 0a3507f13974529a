"""Calls a function that panics, twice: nothing is caught by `except Exception`."""

# ANCHOR: panics
import arrays

try:
    try:
        arrays.nth([2, 3, 5], 7)
    except Exception:
        print("never printed: a panic is no Exception")
except BaseException as panic:
    print(type(panic).__name__ + ":", panic)

print("and Python goes on:", arrays.nth([2, 3, 5], 1))
# ANCHOR_END: panics
