"""What did a Rekor Scout (OpenALPR) camera read?"""
