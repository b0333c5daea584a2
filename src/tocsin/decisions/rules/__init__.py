"""Pure decisions: facts and a time in, a decision out."""
