"""A coroutine: a subroutine that is entered more than once."""


# ANCHOR: coroutine
def print_sum(first, second):
    one = yield first  # hands out a question, waits for the answer
    two = yield second
    print(f"{one} + {two} = {one + two}")


def run(coroutines):
    asked = [(coroutine, next(coroutine)) for coroutine in coroutines]
    while asked:
        coroutine, question = asked.pop(0)
        try:
            asked.append((coroutine, coroutine.send(question * 10)))
        except StopIteration:
            pass  # this one has come to its end


run([print_sum(1, 2), print_sum(3, 4)])
# ANCHOR_END: coroutine
