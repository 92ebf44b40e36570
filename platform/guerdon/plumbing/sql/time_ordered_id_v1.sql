-- A time-ordered id (UUIDv7) for rows that SQL makes. Its time is the real one, like recorded_at.
CREATE FUNCTION app.time_ordered_id_v1(p_random uuid) RETURNS uuid LANGUAGE sql VOLATILE AS
$$ SELECT encode(set_bit(set_bit(overlay(uuid_send(p_random)
            placing substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) from 3)
            from 1 for 6), 52, 1), 53, 1), 'hex')::uuid $$;
