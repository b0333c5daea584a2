"""Where is a phone that runs OwnTracks?"""
