"""How does a message leave? One folder a channel; `tests/channels/test_contract.py` judges all."""
