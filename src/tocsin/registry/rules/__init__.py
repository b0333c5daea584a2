"""What follows from who and where? Pure: facts and a time in, a decision out."""
