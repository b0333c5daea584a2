"""What did Frigate see, over MQTT?"""
