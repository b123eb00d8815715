-- title: Gate reliability and time to fix
-- answers: How often each gate did not stand, when it failed last, and how long it took from the first failing verdict to the next one in
--   which it stood again. A gate that was skipped, blocked or not evaluated was not judged and counts for nothing.
WITH judged AS (
  SELECT project, gate, judged_at, verdict, standing IN ('pass', 'waived') AS stands
  FROM gates
  WHERE standing IN ('pass', 'waived', 'fail', 'advisory')
),
marked AS (
  SELECT *, lag(stands) OVER (PARTITION BY project, gate ORDER BY judged_at, verdict) AS stood
  FROM judged
),
streaks AS (
  SELECT *, sum(CASE WHEN NOT stands AND coalesce(stood, true) THEN 1 ELSE 0 END)
    OVER (PARTITION BY project, gate ORDER BY judged_at, verdict ROWS UNBOUNDED PRECEDING) AS streak
  FROM marked
),
failures AS (
  SELECT project, gate, streak,
    min(CASE WHEN NOT stands THEN judged_at END) AS began,
    min(CASE WHEN stands THEN judged_at END) AS ended
  FROM streaks
  WHERE streak > 0
  GROUP BY project, gate, streak
),
fixes AS (
  SELECT project, gate,
    median(CASE WHEN ended IS NOT NULL THEN (CAST(to_unixtime(ended) AS DOUBLE) - CAST(to_unixtime(began) AS DOUBLE)) / 3600.0 END) AS hours_to_fix,
    count(ended) AS fixed,
    count(*) - count(ended) AS open
  FROM failures
  GROUP BY project, gate
)
SELECT j.project, j.gate, count(*) AS judged, sum(CASE WHEN j.stands THEN 0 ELSE 1 END) AS failed,
  CAST(sum(CASE WHEN j.stands THEN 0 ELSE 1 END) AS DOUBLE) / CAST(count(*) AS DOUBLE) AS failure_rate,
  max(CASE WHEN NOT j.stands THEN j.judged_at END) AS last_failed,
  coalesce(max(f.fixed), 0) AS fixed, coalesce(max(f.open), 0) AS open, max(f.hours_to_fix) AS hours_to_fix
FROM judged j
LEFT JOIN fixes f ON f.project = j.project AND f.gate = j.gate
GROUP BY j.project, j.gate
ORDER BY failure_rate DESC, j.project, j.gate
