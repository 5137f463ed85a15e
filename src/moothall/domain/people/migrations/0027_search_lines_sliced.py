"""What search lines are found by in the order of names: each three of a line with the slice of the alphabet its name is in."""

from django.db import migrations

BEGIN = (
    "Ab Ad Al Ale Am An Andrew Ang Ann Ant Ar B Be Br Bri C Car Cat Ch Chr Chris Cl Co D Dan Dav David De Di Do E Ed El Em"
    " Er F Fr G Ge Gi H He Ho I J Jac Jam Jan Je Jo John Jon Jos Ju K Kat Ke Ki L Le Li Lo Lu M Mar Mari Mark Mat Me Mi Mo"
    " N Ne Ni O P Pau Pe Ph R Re Ri Ro Ru S Sam Sar Sh Si So St Su T Te Th Ti To V W Wi Z"
)
FUNCTION = f"""
-- As people_grams, and behind each the slice the name is in, in two figures of base sixteen. A hundred or so names begin the
-- slices, chosen so that of people in Britain none has many more than others; they are in the same order in any collation.
CREATE FUNCTION people_sliced_grams(name text, names text, facts text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 AS $$
DECLARE
    slice text := lpad(to_hex(width_bucket(name, string_to_array('{BEGIN}', ' '))), 2, '0');
    found text[] := '{{}}';
    mark text;
    one text;
BEGIN
    FOREACH one IN ARRAY string_to_array(btrim(names), ' ') LOOP
        IF one LIKE '~%' THEN
            found := found || (one || slice);
        ELSIF one <> '' THEN
            found := found || ('^' || left(one, 1) || slice);
            one := '^' || one || '$';
            FOR place IN 1 .. length(one) - 2 LOOP
                found := found || (substr(one, place, 3) || slice);
            END LOOP;
        END IF;
    END LOOP;
    FOREACH one IN ARRAY string_to_array(btrim(facts, E'\\n'), E'\\n') LOOP
        mark := left(one, 1);
        IF mark = 'b' THEN
            found := found || (one || slice);
        ELSIF one <> '' THEN
            one := '^' || substr(one, 2) || '$';
            found := found || (mark || left(one, 2) || slice);
            FOR place IN 1 .. length(one) - 2 LOOP
                found := found || (mark || substr(one, place, 3) || slice);
            END LOOP;
        END IF;
    END LOOP;
    RETURN found;
END $$;
"""


class Migration(migrations.Migration):
    """First of two steps for the slices of search lines: the function, then the index made of it."""

    dependencies = [("people", "0026_search_lines_ordered")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION people_sliced_grams(text, text, text)")]
