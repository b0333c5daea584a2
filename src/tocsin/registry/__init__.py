"""WHO AND WHERE: organisations, sites, posts, people, rosters, contacts, devices, policies."""
