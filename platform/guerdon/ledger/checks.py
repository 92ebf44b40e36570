"""The rules of the ledger as queries: each returns `subject, detail` of what breaks it."""

from collections.abc import Mapping
from typing import Final

CHECKS: Final[Mapping[str, str]] = {
    "entries_unbalanced": """
        SELECT e.txn_id AS subject, 'entries add up to ' || sum(e.amount) AS detail
          FROM app.ledger_entry e WHERE e.tenant_id = %(tenant_id)s
         GROUP BY e.txn_id HAVING sum(e.amount) <> 0""",
    "entries_missing": """
        SELECT t.id AS subject, t.points || ' points with ' || count(e.*) || ' entries' AS detail
          FROM app.ledger_txn t
          LEFT JOIN app.ledger_entry e ON e.tenant_id = %(tenant_id)s AND e.txn_id = t.id
         WHERE t.tenant_id = %(tenant_id)s GROUP BY t.id, t.points
        HAVING count(e.*) <> CASE WHEN t.points = 0 THEN 0 ELSE 2 END""",
    "entry_orphaned": """
        SELECT e.txn_id AS subject, e.account_id || ': ' || e.amount AS detail
          FROM app.ledger_entry e WHERE e.tenant_id = %(tenant_id)s AND NOT EXISTS (
            SELECT FROM app.ledger_txn t WHERE t.tenant_id = %(tenant_id)s AND t.id = e.txn_id)""",
    "entry_differs": """
        SELECT t.id AS subject,
               'says ' || t.points || ', its entry ' || coalesce(e.amount::text, 'is missing')
                 AS detail
          FROM app.ledger_txn t
          LEFT JOIN app.ledger_entry e
            ON e.tenant_id = %(tenant_id)s AND e.txn_id = t.id AND e.account_id = t.account_id
         WHERE t.tenant_id = %(tenant_id)s
           AND t.points <> 0 AND e.amount IS DISTINCT FROM t.points""",
    "counter_entry_differs": """
        SELECT t.id AS subject, t.kind || ' against ' || e.account_id AS detail
          FROM app.ledger_txn t
          JOIN app.ledger_entry e ON e.tenant_id = %(tenant_id)s AND e.txn_id = t.id
         WHERE t.tenant_id = %(tenant_id)s AND e.account_id <> t.account_id
           AND e.account_id IS DISTINCT FROM app.ledger_system_v1(CASE
                 WHEN t.kind IN ('earn', 'reverse') THEN 'issued'
                 WHEN t.kind IN ('redeem', 'refund') THEN 'redeemed'
                 WHEN t.kind = 'expire' THEN 'expired'
                 WHEN t.kind = 'adjust' THEN 'adjusted' END)""",
    "account_unknown": """
        SELECT u.account_id AS subject, min(u.what) AS detail FROM (
          SELECT account_id, 'transaction ' || id AS what FROM app.ledger_txn
           WHERE tenant_id = %(tenant_id)s
          UNION ALL
          SELECT account_id, 'lot ' || lot FROM app.ledger_lot WHERE tenant_id = %(tenant_id)s
          UNION ALL
          SELECT account_id, 'hold ' || id FROM app.ledger_hold
           WHERE tenant_id = %(tenant_id)s) u
         WHERE NOT EXISTS (SELECT FROM app.ledger_account a
                            WHERE a.tenant_id = %(tenant_id)s AND a.id = u.account_id)
         GROUP BY u.account_id""",
    "balance_differs": """
        SELECT a.id AS subject,
               'says ' || a.posted || ', entries ' || coalesce(e.total, 0) AS detail
          FROM app.ledger_account a LEFT JOIN (
            SELECT account_id, sum(amount) AS total FROM app.ledger_entry
             WHERE tenant_id = %(tenant_id)s GROUP BY account_id) e ON e.account_id = a.id
         WHERE a.tenant_id = %(tenant_id)s AND a.posted <> coalesce(e.total, 0)""",
    "held_differs": """
        SELECT a.id AS subject,
               'says ' || a.held || ', pending holds ' || coalesce(h.total, 0) AS detail
          FROM app.ledger_account a LEFT JOIN (
            SELECT account_id, sum(points) AS total FROM app.ledger_hold
             WHERE tenant_id = %(tenant_id)s AND state = 'pending' GROUP BY account_id) h
            ON h.account_id = a.id
         WHERE a.tenant_id = %(tenant_id)s AND a.held <> coalesce(h.total, 0)""",
    "debt_differs": """
        SELECT a.id AS subject,
               'says ' || a.debt || ', movements ' || coalesce(m.total, 0) AS detail
          FROM app.ledger_account a LEFT JOIN (
            SELECT t.account_id, -sum(m.points) AS total
              FROM app.ledger_lot_move m
              JOIN app.ledger_txn t ON t.tenant_id = %(tenant_id)s AND t.id = m.txn_id
             WHERE m.tenant_id = %(tenant_id)s
               AND m.lot = '00000000-0000-0000-0000-000000000000' GROUP BY t.account_id) m
            ON m.account_id = a.id
         WHERE a.tenant_id = %(tenant_id)s AND a.debt <> coalesce(m.total, 0)""",
    "debt_breaks_rule": """
        SELECT a.id AS subject, 'posted ' || a.posted || ', held ' || a.held || ', debt ' || a.debt
                 AS detail
          FROM app.ledger_account a
         WHERE a.tenant_id = %(tenant_id)s
           AND (a.held < 0 OR a.debt <> greatest(a.held - a.posted, 0))""",
    "lots_differ_from_balance": """
        SELECT a.id AS subject, 'free points ' || (a.posted - a.held + a.debt)
                 || ', lots ' || coalesce(l.total, 0) AS detail
          FROM app.ledger_account a LEFT JOIN (
            SELECT account_id, sum(remaining) AS total FROM app.ledger_lot
             WHERE tenant_id = %(tenant_id)s GROUP BY account_id) l ON l.account_id = a.id
         WHERE a.tenant_id = %(tenant_id)s
           AND a.posted - a.held + a.debt <> coalesce(l.total, 0)""",
    "movements_differ": """
        SELECT t.id AS subject,
               'says ' || t.points || ', movements ' || coalesce(sum(m.points), 0) AS detail
          FROM app.ledger_txn t
          LEFT JOIN app.ledger_lot_move m ON m.tenant_id = %(tenant_id)s AND m.txn_id = t.id
         WHERE t.tenant_id = %(tenant_id)s GROUP BY t.id, t.points
        HAVING coalesce(sum(m.points), 0) <> t.points""",
    "movement_orphaned": """
        SELECT m.txn_id AS subject, 'lot ' || m.lot || ': ' || m.points AS detail
          FROM app.ledger_lot_move m WHERE m.tenant_id = %(tenant_id)s AND NOT EXISTS (
            SELECT FROM app.ledger_txn t WHERE t.tenant_id = %(tenant_id)s AND t.id = m.txn_id)""",
    "lot_differs": """
        SELECT u.lot AS subject, 'until ' || u.expires_on || ': movements '
                 || sum(u.moved) || ', free and pinned ' || sum(u.there) AS detail
          FROM (SELECT t.account_id, m.lot, m.expires_on, m.points AS moved, 0 AS there
                  FROM app.ledger_lot_move m
                  JOIN app.ledger_txn t ON t.tenant_id = %(tenant_id)s AND t.id = m.txn_id
                 WHERE m.tenant_id = %(tenant_id)s
                   AND m.lot <> '00000000-0000-0000-0000-000000000000'
                UNION ALL
                SELECT account_id, lot, expires_on, 0, remaining FROM app.ledger_lot
                 WHERE tenant_id = %(tenant_id)s
                UNION ALL
                SELECT h.account_id, p.lot, p.expires_on, 0, p.points
                  FROM app.ledger_hold h
                 CROSS JOIN LATERAL unnest(h.lots, h.lot_expires_on, h.lot_points)
                         AS p(lot, expires_on, points)
                 WHERE h.tenant_id = %(tenant_id)s AND h.state = 'pending') u
         GROUP BY u.account_id, u.lot, u.expires_on HAVING sum(u.moved) <> sum(u.there)""",
    "lot_without_origin": """
        SELECT l.lot AS subject, 'wallet ' || l.account_id AS detail
          FROM app.ledger_lot l WHERE l.tenant_id = %(tenant_id)s AND NOT EXISTS (
            SELECT FROM app.ledger_txn t WHERE t.tenant_id = %(tenant_id)s AND t.id = l.lot
               AND t.account_id = l.account_id AND t.kind IN ('earn', 'adjust'))""",
    "hold_differs_from_lots": """
        SELECT h.id AS subject, h.points || ' points, pinned '
                 || (SELECT sum(p) FROM unnest(h.lot_points) AS p) AS detail
          FROM app.ledger_hold h WHERE h.tenant_id = %(tenant_id)s
           AND h.points <> (SELECT sum(p) FROM unnest(h.lot_points) AS p)""",
    "hold_without_transaction": """
        SELECT h.id AS subject, h.state || ', transaction ' || coalesce(t.id::text, 'missing')
                 AS detail
          FROM app.ledger_hold h
          LEFT JOIN app.ledger_txn t ON t.tenant_id = %(tenant_id)s AND t.id = h.txn_id
                AND t.hold_id = h.id AND t.account_id = h.account_id
                AND t.kind = 'redeem' AND t.points = -h.posted_points
         WHERE h.tenant_id = %(tenant_id)s AND h.state = 'posted' AND t.id IS NULL""",
    "redemption_without_hold": """
        SELECT t.id AS subject, 'hold ' || coalesce(t.hold_id::text, 'missing') AS detail
          FROM app.ledger_txn t
         WHERE t.tenant_id = %(tenant_id)s AND t.kind = 'redeem' AND NOT EXISTS (
           SELECT FROM app.ledger_hold h WHERE h.tenant_id = %(tenant_id)s AND h.id = t.hold_id
              AND h.state = 'posted' AND h.txn_id = t.id)""",
    "undone_too_much": """
        SELECT o.id AS subject, o.kind || ' of ' || o.points || ', undone '
                 || sum(CASE u.kind WHEN 'reverse' THEN (u.explanation->>'due')::bigint
                        ELSE u.points END) AS detail
          FROM app.ledger_txn u
          JOIN app.ledger_txn o ON o.tenant_id = %(tenant_id)s AND o.id = u.reverses
         WHERE u.tenant_id = %(tenant_id)s
           AND u.reverses IS NOT NULL GROUP BY o.id, o.kind, o.points
        HAVING sum(CASE u.kind WHEN 'reverse' THEN (u.explanation->>'due')::bigint
                   ELSE u.points END) > abs(o.points)
            OR bool_or(u.account_id <> o.account_id)
            OR bool_or((u.kind = 'refund') <> (o.kind = 'redeem'))""",
    "answer_differs": """
        SELECT t.id AS subject, 'says ' || t.points || ', answered ' || (t.answer->>'points')
                 AS detail
          FROM app.ledger_txn t
         WHERE t.tenant_id = %(tenant_id)s AND t.answer IS NOT NULL
           AND ((t.answer->>'points')::bigint IS DISTINCT FROM t.points
                OR (t.answer->>'posted')::bigint IS DISTINCT FROM t.balance_after
                OR (t.answer->>'transaction_id')::uuid IS DISTINCT FROM t.id)""",
    "adjustment_differs": """
        SELECT r.id AS subject, r.points || ' points, transaction '
                 || coalesce(t.points::text, 'missing') AS detail
          FROM app.ledger_adjustment r
          LEFT JOIN app.ledger_txn t ON t.tenant_id = %(tenant_id)s AND t.id = r.txn_id
         WHERE r.tenant_id = %(tenant_id)s AND r.state = 'approved'
           AND (t.id IS NULL OR t.points <> r.points OR t.account_id <> r.account_id
                OR t.kind <> 'adjust')""",
    "sealed_twice": """
        SELECT u.txn AS subject, 'seals ' || string_agg(x.seq::text, ', ' ORDER BY x.seq) AS detail
          FROM app.ledger_seal x CROSS JOIN LATERAL unnest(x.txns) AS u(txn)
         WHERE x.tenant_id = %(tenant_id)s GROUP BY u.txn HAVING count(*) > 1""",
    "left_unsealed": """
        SELECT t.id AS subject, 'older than the last seal' AS detail
          FROM app.ledger_txn t
         WHERE t.tenant_id = %(tenant_id)s
           AND t.id < (SELECT app.ledger_id_below_v1(x.upto, interval '10 minutes')
                         FROM app.ledger_seal x WHERE x.tenant_id = %(tenant_id)s
                        ORDER BY x.seq DESC LIMIT 1)
           AND NOT EXISTS (SELECT FROM app.ledger_seal x CROSS JOIN LATERAL unnest(x.txns) AS u(txn)
                            WHERE x.tenant_id = %(tenant_id)s AND u.txn = t.id)""",
}
