"""A model's opinion beside the rules' recommendation: who may ask, what it may cost, what is kept. It decides nothing."""
