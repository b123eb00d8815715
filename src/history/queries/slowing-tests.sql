-- title: Tests that became slower
-- answers: Tests whose median over the last days is well above their median before. Both sides need enough runs.
-- param: days = 7: how many days are the last ones, before the newest verdict of the project
-- param: factor = 1.2: from which factor on
-- param: runs = 5: fewest runs on each side
WITH newest AS (
  SELECT project, max(judged_at) AS latest FROM tests GROUP BY project
),
sides AS (
  SELECT t.project, t.place, t.test, t.seconds,
    CAST(to_unixtime(n.latest) - to_unixtime(t.judged_at) AS DOUBLE) < CAST($days AS DOUBLE) * 86400.0 AS recent
  FROM tests t
  JOIN newest n ON n.project = t.project
  WHERE t.seconds IS NOT NULL AND NOT t.cached AND t.status <> 'skipped'
),
both_sides AS (
  SELECT project, place, test,
    count(CASE WHEN recent THEN seconds END) AS recent_runs, count(CASE WHEN NOT recent THEN seconds END) AS earlier_runs,
    median(CASE WHEN recent THEN seconds END) AS recent_median, median(CASE WHEN NOT recent THEN seconds END) AS earlier_median
  FROM sides
  GROUP BY project, place, test
)
SELECT *, recent_median / earlier_median AS times
FROM both_sides
WHERE recent_runs >= $runs AND earlier_runs >= $runs AND earlier_median > 0 AND recent_median >= earlier_median * $factor
ORDER BY times DESC, project, place, test
