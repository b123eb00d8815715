-- title: Regressions, by the first bad commit
-- answers: Gates and tests that are failing now and stood before: the last commit on which each stood, the first on which it did not, and
--   in how many verdicts since. What never stood is no regression.
WITH seen AS (
  SELECT project, 'gate' AS subject, gate AS name, judged_at, verdict, commit, standing IN ('pass', 'waived') AS good
  FROM gates
  WHERE standing IN ('pass', 'waived', 'fail', 'advisory')
  UNION ALL
  SELECT project, 'test' AS subject, CASE WHEN place = '' THEN test ELSE test || ' in ' || place END AS name, judged_at, verdict, commit,
    status IN ('passed', 'flaky') AS good
  FROM tests
  WHERE status <> 'skipped' AND NOT (cached AND status = 'passed')
),
once AS (
  SELECT project, subject, name, verdict, min(judged_at) AS judged_at, min(commit) AS commit, bool_and(good) AS good
  FROM seen
  GROUP BY project, subject, name, verdict
),
numbered AS (
  SELECT *, row_number() OVER (PARTITION BY project, subject, name ORDER BY judged_at, verdict) AS n
  FROM once
),
last_good AS (
  SELECT project, subject, name, max(n) AS n
  FROM numbered
  WHERE good
  GROUP BY project, subject, name
)
SELECT f.project, f.subject, f.name, g.commit AS last_good_commit, f.commit AS first_bad_commit, f.judged_at AS since, count(l.n) AS verdicts
FROM last_good b
JOIN numbered g ON g.project = b.project AND g.subject = b.subject AND g.name = b.name AND g.n = b.n
JOIN numbered f ON f.project = b.project AND f.subject = b.subject AND f.name = b.name AND f.n = b.n + 1
JOIN numbered l ON l.project = b.project AND l.subject = b.subject AND l.name = b.name AND l.n > b.n
GROUP BY f.project, f.subject, f.name, g.commit, f.commit, f.judged_at
ORDER BY since DESC, f.project, f.subject, f.name
