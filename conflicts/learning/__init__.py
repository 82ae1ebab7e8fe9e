"""Learning from what people decided: weights that fit their decisions, alarms when they part from the rules, and how far
the confidence can be trusted. All but `services` is pure; nothing here changes a policy that is in force."""
