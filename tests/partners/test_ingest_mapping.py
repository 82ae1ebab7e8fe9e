"""A map makes somebody else's file ours, and is told in a sentence what it got wrong."""

import json

import pytest

from partners.ingest import UnreadableFileError
from partners.ingest.applying import mapped_table
from partners.ingest.kinds import BY_NAME


@pytest.fixture
def through(tmp_path):
    """through(kind, file text, map, **other files): the mapped rows."""

    def through(kind, text, parts, name="data.csv", **others):
        (tmp_path / name).write_text(text)
        (tmp_path / "map.json").write_text(parts if isinstance(parts, str) else json.dumps(parts))
        for other, content in others.items():
            (tmp_path / f"{other}.csv").write_text(content)
        return list(mapped_table(tmp_path / name, BY_NAME[kind], tmp_path / "map.json", max_rows=1000))

    return through


def values(rows):
    return [dict(row.values) for row in rows]


def test_columns_values_constants_and_ignore(through):
    rows = through(
        "partners",
        "id|Firm|Sort|junk\n7|Acme|Retail|x\n",
        {
            "delimiter": "|",
            "columns": {"external_id": "P-{id}", "name": "Firm", "type": "Sort"},
            "values": {"type": {"Retail": "reseller"}},
            "constants": {"tier": "gold", "certifications": ["a"]},
            "ignore": ["junk"],
        },
    )
    assert values(rows) == [
        {"external_id": "P-7", "name": "Acme", "type": "reseller", "tier": "gold", "certifications": ["a"]}
    ]
    assert rows[0].line == 2
    assert rows[0].source == {"id": "7", "Firm": "Acme", "Sort": "Retail", "junk": "x"}  # the lineage keeps it all


@pytest.mark.parametrize(
    "columns",
    [
        {"name": "Firm", "external_id": "id"},
        {"Firm": "name", "id": "external_id"},
        {"Firm": ["name"], "id": ["external_id"]},
    ],
)
def test_columns_are_understood_in_both_directions(through, columns):
    assert values(through("partners", "id,Firm\n7,Acme\n", {"columns": columns})) == [
        {"external_id": "7", "name": "Acme"}
    ]


def test_one_column_of_the_file_may_fill_several_of_ours(through):
    (row,) = through("accounts", "account\nAcme\n", {"columns": {"external_id": "account", "name": "account"}})
    assert row.values == {"external_id": "Acme", "name": "Acme"}


def test_a_column_of_ours_under_another_name_does_not_go_through_twice(through):
    (row,) = through("accounts", "external_id,name,domain\nA,old,new\n", {"columns": {"name": "domain"}})
    assert row.values == {"external_id": "A", "name": "new"}


def test_a_template_with_an_empty_cell_is_empty(through):
    rows = through("agreements", "a,y\n1,2011\n2,\n", {"columns": {"external_id": "a", "valid_from": "{y}-01-01"}})
    assert [row.values["valid_from"] for row in rows] == ["2011-01-01", None]


def test_a_lookup_joins_and_a_mended_value_is_what_it_finds_by(through):
    parts = {
        "columns": {"external_id": "id", "product_lines": "product"},
        "values": {"product": {"GTXPro": "GTX Pro"}, "product_lines": {"GTX Pro": "gtx-pro"}},
        "lookup": [
            {"file": "products.csv", "key": {"product": "label"}, "columns": {"amount": "price"}},
            {"file": "teams.csv", "key": "agent", "columns": ["office"], "optional": True},
        ],
        "constants": {"stage": "open"},
        "ignore": ["office"],
    }
    files = {"products": "label,price\nGTX Pro,4821\n", "teams": "agent,office\nAnna,East\n"}
    rows = through("crm_opportunities", "id,product,agent\n1,GTXPro,Anna\n2,,Otto\n3,Typo,Anna\n", parts, **files)
    assert rows[0].values == {"external_id": "1", "product_lines": "gtx-pro", "amount": "4821", "stage": "open"}
    assert rows[1].values["amount"] is None  # nothing to look up by
    assert rows[2].problem == "column product: 'Typo' is not in products.csv (column label)"


def test_rows_are_chosen_by_their_own_and_looked_up_columns(through):
    parts = {
        "columns": {"external_id": "id"},
        "lookup": {"file": "teams.csv", "key": "agent", "columns": ["office"]},
        "only_when": {"office": ["East", "West"], "stage": "Open"},
        "skip_when": {"account": ""},
    }
    text = "id,agent,stage,account\n1,a,Open,X\n2,b,Open,X\n3,a,Won,X\n4,a,Open,\n"
    rows = through("crm_opportunities", text, parts, teams="agent,office\na,East\nb,Central\n")
    assert [row.line for row in rows] == [2]


def test_rows_of_a_group_become_one(through):
    parts = {
        "columns": {
            "external_id": "T-{key}",
            "name": "region",
            "countries": "country",
            "subdivisions": "{country}-{state}",
        },
        "group_by": ["external_id"],
        "ignore": ["city"],
    }
    text = "key,region,country,state,city\n1,West,US,CA,a\n1,West,US,OR,b\n1,,US,CA,c\n2,North,CA,ON,d\n"
    west, north = through("territories", text, parts)
    assert west.values == {
        "external_id": "T-1",
        "name": "West",
        "countries": ["US"],
        "subdivisions": ["US-CA", "US-OR"],
    }
    assert west.source["lines"] == [2, 3, 4]
    assert north.values["subdivisions"] == ["CA-ON"]
    (bad,) = through("territories", "key,region,country,state,city\n1,West,US,CA,a\n1,East,US,OR,b\n", parts)
    assert bad.problem == "column name: 'East' in row 3 of the group differs from 'West' in row 2"


def test_numbers_are_multiplied_and_lists_replaced_one_by_one(through):
    parts = {"multiply": {"annual_revenue": 1000000}, "values": {"aliases": {"a": "A"}}}
    (row,) = through("accounts", "external_id,annual_revenue,aliases\n1,1100.04,a;b\n", parts)
    assert (row.values["annual_revenue"], row.values["aliases"]) == ("1100040000.00", ["A", "b"])
    (row,) = through("accounts", "external_id,annual_revenue\n1,many\n", {"multiply": {"annual_revenue": 10}})
    assert row.values["annual_revenue"] == "many"  # the column's own sentence follows


def test_json_rows_pass_through_a_map_too(through):
    text = '{"id": "1", "lines": ["x", "y"]}\n'
    parts = {"columns": {"external_id": "id", "product_lines": "lines"}, "values": {"product_lines": {"x": "pumps"}}}
    (row,) = through("agreements", text, parts, name="data.jsonl")
    assert row.values == {"external_id": "1", "product_lines": ["pumps", "y"]}


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a JSON object"),
        ({"colums": {}}, "'colums' is not a part of a map; the parts are about, kind, columns"),
        ({"kind": "accounts"}, "it is for 'accounts', not for partners"),
        ({"columns": []}, ""),
        ({"columns": {"name": 5}}, "columns is an object of texts"),
        ({"columns": {"name": "Firma"}}, "columns names 'Firma'; the file's columns are id, Firm"),
        ({"columns": {"name": "{Firm"}}, "the template '{Firm' is not closed"),
        ({"columns": {"Firm": "nome"}}, "'Firm' is no column of partners, which are external_id, name"),
        ({"values": {"type": "x"}}, "values is an object of columns"),
        ({"values": {"Sort": {}}}, "values names 'Sort'"),
        ({"constants": {"teer": "gold"}}, "constants names 'teer'"),
        ({"multiply": {"name": "much"}}, "multiply name is a number, not 'much'"),
        ({"delimiter": "||"}, "delimiter is one character"),
        ({"only_when": {"Sort": "x"}}, "only_when names 'Sort'"),
        ({"only_when": {"Firm": {}}}, "only_when Firm is one value or a list of values"),
        ({"group_by": "id"}, "group_by names 'id'"),
        ({"ignore": 3}, "ignore is a text or a list of texts"),
        ({"lookup": "teams.csv"}, "a lookup is an object with file, key and columns"),
        ({"lookup": {"file": "teams.csv"}}, "a lookup needs file, and key"),
        ({"lookup": {"file": "teams.csv", "key": "id"}}, "needs columns"),
        ({"lookup": {"file": "none.csv", "key": "id", "columns": ["x"]}}, "No such file"),
        (
            {"lookup": {"file": "teams.csv", "key": "id", "columns": ["x"]}},
            "teams.csv has no column 'x', only id, office",
        ),
        ({"lookup": {"file": "twice.csv", "key": "id", "columns": ["office"]}}, "has '1' twice in column id"),
        (
            {"lookup": {"file": "teams.csv", "key": {"no": "id"}, "columns": ["office"]}},
            "the lookup of teams.csv names 'no'",
        ),
    ],
)
def test_a_wrong_map_hears_what_is_wrong(through, parts, sentence):
    files = {"teams": "id,office\n1,East\n", "twice": "id,office\n1,East\n1,West\n"}
    with pytest.raises(UnreadableFileError) as error:
        through("partners", "id,Firm\n1,Acme\n", parts, **files)
    assert sentence in str(error.value)


def test_columns_that_nobody_asked_for_are_named_once(through):
    with pytest.raises(UnreadableFileError) as error:
        through("product_lines", "code,name,colour,size\na,A,red,9\n", {})
    assert str(error.value) == (
        "data.csv has a column 'colour' that product_lines do not have (nor 'size'). Columns of product_lines: code,"
        " name, required_certification. Name it in the map's columns or ignore."
    )
    (row,) = through("product_lines", "code,name,colour,size\na,A,red,9\n", {"ignore": "*"})
    assert row.values == {"code": "a", "name": "A"}
