"""The territory editor: drafts of rules, what they would change (preview), a second person, and the day they go live."""
