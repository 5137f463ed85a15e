"""What a search line is, and the triggers that keep the lines so whatever changes the rows they are made of."""

from django.db import migrations

VIEW = r"""
CREATE VIEW people_searchline_now AS
SELECT
    customer.id AS customer_id,
    people_words(concat_ws(' ', customer.name, person.surname_key, person.known_as, person.name_at_birth,
        organisation.name_key, organisation.contact_name)) AS names,
    E'\n' || coalesce((
        SELECT string_agg(DISTINCT fact, E'\n') || E'\n' FROM (
            SELECT 'n' || upper(person.nino) AS fact WHERE person.nino <> ''
            UNION ALL SELECT 'n' || upper(person.nino_claimed) WHERE person.nino_claimed <> ''
            UNION ALL SELECT 'b' || person.date_of_birth::text WHERE person.date_of_birth IS NOT NULL
            UNION ALL
            SELECT 'p' || replace(address.postcode, ' ', '') FROM people_residence residence
            JOIN places_address address ON address.id = residence.address_id
            WHERE residence.customer_id = customer.id AND address.postcode <> ''
            UNION ALL
            SELECT CASE WHEN normalised LIKE '%@%' THEN 'e' || normalised
                WHEN normalised ~ '^[+0-9 ()-]+$' THEN 't' || regexp_replace(normalised, '[^+0-9]', '', 'g')
                ELSE 'o' || replace(normalised, E'\n', ' ') END
            FROM people_contactdetail contact WHERE contact.customer_id = customer.id AND normalised <> ''
            UNION ALL
            SELECT 'r' || number FROM people_externalreference reference WHERE reference.customer_id = customer.id
            UNION ALL
            SELECT 'r' || upper(regexp_replace(organisation.charity_number, '[\s.-]', '', 'g'))
            WHERE organisation.charity_number <> ''
        ) AS facts
    ), '') AS facts
FROM people_customer customer
LEFT JOIN people_person person ON person.customer_id = customer.id
LEFT JOIN people_organisation organisation ON organisation.customer_id = customer.id;
"""
KEPT = """
-- Lines of these customers are made again as the rows are now; one that is as it was is not written. The customers are held
-- first, so that what others are changing of them is done when the next statement reads them.
CREATE FUNCTION people_searchline_again(customers bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM people_customer WHERE id = ANY (customers) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO people_searchline AS line (customer_id, names, facts)
    SELECT customer_id, names, facts FROM people_searchline_now WHERE customer_id = ANY (customers)
    ON CONFLICT (customer_id) DO UPDATE SET names = EXCLUDED.names, facts = EXCLUDED.facts
    WHERE (line.names, line.facts) IS DISTINCT FROM (EXCLUDED.names, EXCLUDED.facts);
END $$;

-- Every line, from nothing: for whoever loaded rows with the triggers off.
CREATE FUNCTION people_searchline_rebuild() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    made bigint;
BEGIN
    TRUNCATE people_searchline;
    INSERT INTO people_searchline (customer_id, names, facts)
    SELECT customer_id, names, facts FROM people_searchline_now;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END $$;

CREATE FUNCTION people_searchline_of_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM people_searchline_again(ARRAY(SELECT DISTINCT customer_id FROM came));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM people_searchline_again(ARRAY(SELECT DISTINCT customer_id FROM gone));
    ELSE
        PERFORM people_searchline_again(ARRAY(SELECT customer_id FROM came UNION SELECT customer_id FROM gone));
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION people_searchline_of_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM people_searchline WHERE customer_id IN (SELECT id FROM gone);
    ELSE
        PERFORM people_searchline_again(ARRAY(
            SELECT came.id FROM came JOIN gone USING (id) WHERE came.name IS DISTINCT FROM gone.name
        ));
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION people_searchline_of_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM people_searchline_again(ARRAY(
        SELECT DISTINCT residence.customer_id FROM came JOIN gone USING (id)
        JOIN people_residence residence ON residence.address_id = came.id
        WHERE came.postcode IS DISTINCT FROM gone.postcode
    ));
    RETURN NULL;
END $$;

CREATE TRIGGER search_line_changes AFTER UPDATE ON people_customer
    REFERENCING OLD TABLE AS gone NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION people_searchline_of_customer();
CREATE TRIGGER search_line_goes AFTER DELETE ON people_customer
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION people_searchline_of_customer();
CREATE TRIGGER search_line_address AFTER UPDATE ON places_address
    REFERENCING OLD TABLE AS gone NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION people_searchline_of_address();
"""
PARTS = ("person", "organisation", "contactdetail", "externalreference", "residence")
OF_A_PART = """
CREATE TRIGGER search_line_comes AFTER INSERT ON people_{part}
    REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION people_searchline_of_part();
CREATE TRIGGER search_line_changes AFTER UPDATE ON people_{part}
    REFERENCING OLD TABLE AS gone NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION people_searchline_of_part();
CREATE TRIGGER search_line_goes AFTER DELETE ON people_{part}
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION people_searchline_of_part();
"""
GONE = "".join(
    f"DROP TRIGGER search_line_{what} ON people_{part};" for part in PARTS for what in ("comes", "changes", "goes")
) + """
DROP TRIGGER search_line_address ON places_address;
DROP TRIGGER search_line_goes ON people_customer;
DROP TRIGGER search_line_changes ON people_customer;
DROP FUNCTION people_searchline_of_address, people_searchline_of_customer, people_searchline_of_part,
    people_searchline_rebuild, people_searchline_again;
DROP VIEW people_searchline_now;
"""


class Migration(migrations.Migration):
    """Third of four steps for the search lines."""

    dependencies = [("people", "0010_search_lines"), ("places", "0001_initial")]
    operations = [migrations.RunSQL(VIEW + KEPT + "".join(OF_A_PART.format(part=part) for part in PARTS), GONE)]
