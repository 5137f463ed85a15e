"""How names are folded, cut into threes and told by their sound: what the search lines and their index are made of."""

from django.db import migrations

FUNCTIONS = r"""
-- A name as it is compared: capitals without accents and signs. As moothall.domain.people.names.fold, but it keeps spaces.
CREATE FUNCTION people_fold(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT upper(regexp_replace(translate(
        replace(replace(replace(replace(lower(normalize(given, NFKD)), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        'øłđðħı', 'olddhi'
    ), '[^[:alnum:][:space:]]', '', 'g'))
$$;

-- How a folded word sounds in English, roughly: the consonants in the order they are heard.
CREATE FUNCTION people_sound(word text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(left(regexp_replace(left(sounds, 1) || translate(substr(sounds, 2), 'AEIOUYHW', ''), '(.)\1+', '\1', 'g'), 8))
    FROM (SELECT translate(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        regexp_replace(regexp_replace(replace(replace(replace(replace(word, 'PH', 'F'), 'GHT', 'T'), 'MPS', 'MS'), 'CHR', 'KR'),
        '^(?:[KGP]N)', 'N'), '^WR', 'R'),
        '^MA?C(?=[^AEIOUH])', 'MK'),
        'CK|Q', 'K', 'g'),
        'T?CH|SH', '3', 'g'),
        'C(?=[EIY])|^PS|^X|Z', 'S', 'g'),
        '^[AEIOUY]+', 'A'),
        'CV', 'KF') AS sounds) AS told
$$;

-- The words of a name: each whole, those with a hyphen in their parts as well, and behind ~ how each sounds.
CREATE FUNCTION people_words(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ' ' || coalesce(string_agg(DISTINCT word, ' ') || ' ' || string_agg(DISTINCT '~' || people_sound(word), ' '), '') || ' '
    FROM regexp_split_to_table(
        people_fold(given) || CASE WHEN given ~ '[‐‑–-]' THEN ' ' || people_fold(regexp_replace(given, '[‐‑–-]', ' ', 'g')) ELSE '' END,
        '\s+'
    ) AS word
    WHERE word <> ''
$$;

-- What a line is found by: of each word the threes it is made of, where ^ is before it and $ behind it, and its first letter;
-- of a fact the same after the letter of its kind. A sound (~) and a day (b) are whole.
CREATE FUNCTION people_grams(names text, facts text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 AS $$
DECLARE
    found text[] := '{}';
    mark text;
    one text;
BEGIN
    FOREACH one IN ARRAY string_to_array(btrim(names), ' ') LOOP
        IF one LIKE '~%' THEN
            found := found || one;
        ELSIF one <> '' THEN
            found := found || ('^' || left(one, 1));
            one := '^' || one || '$';
            FOR place IN 1 .. length(one) - 2 LOOP
                found := found || substr(one, place, 3);
            END LOOP;
        END IF;
    END LOOP;
    FOREACH one IN ARRAY string_to_array(btrim(facts, E'\n'), E'\n') LOOP
        mark := left(one, 1);
        IF mark = 'b' THEN
            found := found || one;
        ELSIF one <> '' THEN
            one := '^' || substr(one, 2) || '$';
            found := found || (mark || left(one, 2));
            FOR place IN 1 .. length(one) - 2 LOOP
                found := found || (mark || substr(one, place, 3));
            END LOOP;
        END IF;
    END LOOP;
    RETURN found;
END $$;
"""
GONE = """
DROP FUNCTION people_grams(text, text);
DROP FUNCTION people_words(text);
DROP FUNCTION people_sound(text);
DROP FUNCTION people_fold(text);
"""


class Migration(migrations.Migration):
    """First of four steps for the search lines: their functions, the table, what keeps them, and those of today."""

    dependencies = [("people", "0008_changes_told")]
    operations = [migrations.RunSQL(FUNCTIONS, GONE)]
