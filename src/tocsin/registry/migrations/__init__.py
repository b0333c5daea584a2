"""How did the tables of this stage come to be?"""
