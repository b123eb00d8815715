-- title: The slowest tests
-- answers: Where the time goes: the tests that took most time in sum, with their median and 95th percentile in seconds.
-- param: most = 20: how many
SELECT project, place, test, count(seconds) AS runs, sum(seconds) AS total_seconds, median(seconds) AS median_seconds,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95_seconds, max(seconds) AS most_seconds
FROM tests
WHERE seconds IS NOT NULL AND NOT cached
GROUP BY project, place, test
ORDER BY total_seconds DESC, project, place, test
LIMIT $most
