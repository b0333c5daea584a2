"""Does the record hold: keys, encryption, sealing, export, verification?"""
