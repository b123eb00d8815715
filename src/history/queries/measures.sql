-- title: Measures as trends, with change points
-- answers: Each measured value over time: first, last, median, least and most, and the verdict from which on it was another one, if it
--   was: the place at which the sums of deviations from the mean are furthest from zero. `strength` is that distance over the
--   standard deviation and the root of the number of values; from 1.36 on it comes by chance in less than 5 % of all series, and is shown.
-- param: fewest = 8: fewest values of a series that can have a change point
WITH numbered AS (
  SELECT project, gate, what, unit, judged_at, verdict, commit, value,
    row_number() OVER (PARTITION BY project, gate, what, unit ORDER BY judged_at, verdict) AS n,
    avg(value) OVER (PARTITION BY project, gate, what, unit) AS mean,
    stddev_pop(value) OVER (PARTITION BY project, gate, what, unit) AS deviation,
    count(*) OVER (PARTITION BY project, gate, what, unit) AS total
  FROM measures
),
summed AS (
  SELECT *, abs(sum(value - mean) OVER (PARTITION BY project, gate, what, unit ORDER BY n ROWS UNBOUNDED PRECEDING)) AS distance,
    lead(judged_at) OVER (PARTITION BY project, gate, what, unit ORDER BY n) AS next_at,
    lead(commit) OVER (PARTITION BY project, gate, what, unit ORDER BY n) AS next_commit
  FROM numbered
),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY project, gate, what, unit ORDER BY distance DESC, n) AS rank,
    CASE WHEN total >= $fewest AND deviation > 0 THEN distance / (deviation * sqrt(CAST(total AS DOUBLE))) END AS strength
  FROM summed
),
changes AS (
  SELECT project, gate, what, unit, next_at AS changed_at, next_commit AS changed_commit, strength, n AS before
  FROM ranked
  WHERE rank = 1 AND next_at IS NOT NULL AND strength >= 1.36
),
series AS (
  SELECT project, gate, what, unit, count(*) AS points,
    max(CASE WHEN n = 1 THEN value END) AS first_value, max(CASE WHEN n = total THEN value END) AS last_value,
    median(value) AS median_value, min(value) AS least, max(value) AS most
  FROM numbered
  GROUP BY project, gate, what, unit
),
means AS (
  SELECT r.project, r.gate, r.what, r.unit,
    avg(CASE WHEN r.n <= c.before THEN r.value END) AS mean_before, avg(CASE WHEN r.n > c.before THEN r.value END) AS mean_after
  FROM numbered r
  JOIN changes c ON c.project = r.project AND c.gate = r.gate AND c.what = r.what AND c.unit = r.unit
  GROUP BY r.project, r.gate, r.what, r.unit
)
SELECT s.*, c.changed_at, c.changed_commit, c.strength, m.mean_before, m.mean_after
FROM series s
LEFT JOIN changes c ON c.project = s.project AND c.gate = s.gate AND c.what = s.what AND c.unit = s.unit
LEFT JOIN means m ON m.project = s.project AND m.gate = s.gate AND m.what = s.what AND m.unit = s.unit
ORDER BY s.project, s.gate, s.what, s.unit
