-- title: Exceptions: age, renewals, escapes, what expires
-- answers: Each waiver and quarantine entry as the newest verdict that tells of it has it: how old it is, how often it was renewed, in how
--   many verdicts it covered a failure, in how many it held and covered nothing, and how often its gate did not stand although it was
--   written down, because it did not hold (`escapes`). `ends_soon` is true where it holds and ends within some days of that verdict.
-- param: days = 14: what is soon
WITH told AS (
  SELECT e.*, row_number() OVER (PARTITION BY e.project, e.class, e.name ORDER BY e.judged_at DESC, e.verdict DESC) AS age_rank,
    g.standing AS standing
  FROM exceptions e
  LEFT JOIN gates g ON g.project = e.project AND g.verdict = e.verdict AND g.gate = e.name AND e.class = 'waiver'
),
counted AS (
  SELECT project, class, name, count(*) AS verdicts, max(coalesce(renewals, 0)) AS renewals, min(judged_at) AS first_seen,
    sum(CASE WHEN used THEN 1 ELSE 0 END) AS covered, sum(CASE WHEN unused THEN 1 ELSE 0 END) AS covered_nothing,
    sum(CASE WHEN validity NOT IN ('active', 'expiring') AND standing IN ('fail', 'advisory') THEN 1 ELSE 0 END) AS escapes
  FROM told
  GROUP BY project, class, name
)
SELECT c.project, c.class, c.name, t.validity, t.owner, t.first_day, t.last_day,
  CAST(to_unixtime(t.judged_at) / 86400 AS BIGINT) - CAST(CAST(t.first_day AS INT) AS BIGINT) AS age_days,
  CAST(CAST(t.last_day AS INT) AS BIGINT) - CAST(to_unixtime(t.judged_at) / 86400 AS BIGINT) AS days_left,
  c.renewals, c.verdicts, c.covered, c.covered_nothing, c.escapes, c.first_seen,
  t.validity IN ('active', 'expiring')
    AND CAST(CAST(t.last_day AS INT) AS BIGINT) - CAST(to_unixtime(t.judged_at) / 86400 AS BIGINT) <= $days AS ends_soon
FROM counted c
JOIN told t ON t.project = c.project AND t.class = c.class AND t.name = c.name AND t.age_rank = 1
ORDER BY c.project, t.last_day, c.class, c.name
