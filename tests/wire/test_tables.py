"""Tables that are taken away as files."""

from guerdon.wire.tables import csv_file


def test_a_text_that_would_be_a_formula_is_inert() -> None:
    told = csv_file(
        ["line", "text"],
        [[1, "=1+1"], [2, "@SUM(A1)"], [-3, "+49 30"], [4, "\tx"], [5, "plain = text"], [6, "-"]],
        name="refused.csv",
    )
    assert told.content.decode("utf-8-sig").split("\r\n") == [
        "line,text", "1,'=1+1", "2,'@SUM(A1)", "-3,'+49 30", "4,'\tx", "5,plain = text", "6,'-", "",
    ]  # fmt: skip
    assert told.headers["Content-Disposition"] == 'attachment; filename="refused.csv"'
    assert told.headers["Cache-Control"] == "no-store"
