"""The model's part: it reads a brief without names, sums the case up and chooses among the options that the policy permits.

`brief` says what it may know, `schema` what it may answer, `checks` what of its answer may be shown, `asking` how it is
asked (again with partners' words left out), `client` alone speaks to the endpoint. Nothing here decides anything: the
rules' choice stays, whatever is answered.
"""
