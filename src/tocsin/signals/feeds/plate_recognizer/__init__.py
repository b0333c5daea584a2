"""What did a Plate Recognizer Stream camera read?"""
