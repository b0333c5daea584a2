"""Where is a device that speaks the OsmAnd protocol (Traccar's clients too)?"""
