"""What happens when a part fails? The real processes, killed, stopped, starved and filled up."""
