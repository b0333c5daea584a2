"""What we are compared with, in a Python of its own: nothing here is needed to run or to test Tocsin."""
