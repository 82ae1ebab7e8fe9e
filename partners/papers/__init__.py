"""What partners bring as files: looked at in a child process with limits, by their content and never by their name.

Everything here but `apart` and `names` runs in that child, on the standard library (tables also on openpyxl).
"""
