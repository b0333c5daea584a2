"""Does every channel keep the one contract?"""
