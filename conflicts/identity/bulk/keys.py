"""From records to what the model compares and blocks by, in DuckDB's SQL: words by rarity, and keys that few records share."""

# What a record is made of; everything is text, and empty is not known. `owner` is the account, `core` its name's key.
COLUMNS = ("side", "owner", "core", "domain", "country", "city", "phone", "lei", "vat_id", "duns")

# Records that may share a key: so many of a table of a million, and never fewer than so many.
STRONG, WEAK = (600, 60), (60, 20)
_KEYS: tuple[tuple[tuple[int, int], str], ...] = (
    (STRONG, "'name ' || joined || '|' || country"),
    (STRONG, "'place ' || core || '|' || country || '|' || city"),
    (STRONG, "'order ' || ordered || '|' || country"),
    (STRONG, "'domain ' || domain"),
    (STRONG, "'phone ' || phone"),
    (STRONG, "'two ' || least(tokens[1], tokens[2]) || ' ' || greatest(tokens[1], tokens[2])"),
    (WEAK, "'two ' || least(tokens[1], tokens[3]) || ' ' || greatest(tokens[1], tokens[3])"),
    (WEAK, "'two ' || least(tokens[2], tokens[3]) || ' ' || greatest(tokens[2], tokens[3])"),
    (WEAK, "'one ' || tokens[1]"),
    (WEAK, "'one ' || tokens[2]"),
    (WEAK, "'head ' || left(joined, 6) || '|' || country"),
    (WEAK, "'head ' || left(rarest, 6) || '|' || country"),
    (WEAK, "'near ' || left(rarest, 3) || '|' || country || '|' || city"),
    (WEAK, "'near ' || left(core, 3) || '|' || country || '|' || city"),
    (WEAK, "'tail ' || right(rarest, 3) || '|' || country || '|' || city"),
    (WEAK, "'letters ' || case when len(tokens) >= 3 then initials end || '|' || country"),
    (WEAK, "'letters ' || case when len(joined) between 3 and 8 then joined end || '|' || country"),
    (STRONG, "identifiers[1]"),
    (STRONG, "identifiers[2]"),
    (STRONG, "identifiers[3]"),
)

_PLAIN = r"regexp_replace({column}, '[^0-9A-Za-z]', '', 'g')"
_MARKS = ", ".join(
    f"case when {name} is not null then '{name} ' || upper({_PLAIN.format(column=name)}) end"
    for name in ("lei", "vat_id", "duns")
)
# `record` counts from 0 in the order of loading; queries are loaded before accounts.
RECORDS = f"""
create table records as select record, side, owner, core, domain, country, lower(strip_accents(city)) as city,
       nullif(right(regexp_replace(phone, '[^0-9]', '', 'g'), 8), '') as phone,
       list_filter([{_MARKS}], lambda mark: mark is not null) as identifiers
  from loaded
"""  # noqa: S608 (constants)
WORDS = "create table words as select record, unnest(list_distinct(string_split(core, ' '))) as word from records"
COUNTS = "create table counts as select word, count(*) as records from words group by word"
NAMES = """
create table names as
select records.*, tokens, tokens[1] as rarest, replace(core, ' ', '') as joined,
       array_to_string(list_sort(tokens), ' ') as ordered,
       array_to_string(list_transform(string_split(core, ' '), lambda word: left(word, 1)), '') as initials
  from records left join (select record, list(word order by counts.records, word) as tokens
                            from words join counts using (word) group by record) using (record)
"""


def keyed(records: int) -> str:
    """The statement that makes every key of every record, with how many records may share it."""
    texts = ", ".join(text for _, text in _KEYS)
    limits = ", ".join(str(max(least, most * records // 1_000_000)) for (most, least), _ in _KEYS)
    return f"""
    create table keyed as select record, side, hash(text) as key, most
      from (select record, side, unnest([{texts}]) as text, unnest([{limits}]) as most from names)
     where text is not null
    """  # noqa: S608 (constants)


# A key counts when somebody else has it too (across: of the other side), and not too many have.
SHARED = """
create table shared as select key from keyed group by key
having count(*) between 2 and min(most) and ({across} = false or min(side) < max(side))
"""
MODEL = """
create table model as
select record as unique_id, side, owner, core, joined, ordered, tokens, rarest, domain, phone, city, country,
       nullif(identifiers, []) as identifiers, keys
  from names join (select record, list(distinct key) as keys from keyed semi join shared using (key) group by record)
       using (record)
"""
