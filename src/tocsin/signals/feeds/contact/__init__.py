"""Who called or wrote to the employer's lines, or to her?"""
