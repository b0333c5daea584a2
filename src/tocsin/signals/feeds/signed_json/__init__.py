"""What does any other system say, in the form that we describe?"""
