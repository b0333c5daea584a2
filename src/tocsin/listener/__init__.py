"""THE EAR AT THE BROKER: plate readers and trackers that speak MQTT."""
