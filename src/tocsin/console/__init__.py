"""THE SCREENS: pages, the live stream, signing in."""
