"""Who is expected, or has come in at the desk?"""
