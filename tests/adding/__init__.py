"""One of everything that README says how to add, as files: tests/test_add_something.py puts each into a copy of the
tree and runs it there. Whoever adds something can begin with them."""
