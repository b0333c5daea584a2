"""WHO IS TOLD: plan, escalation, wording, delivery."""
