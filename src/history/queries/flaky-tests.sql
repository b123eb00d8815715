-- title: Flaky tests, with exact bounds
-- answers: Tests that both passed and did not pass on one commit, with the upper bound of their failure rate. The arithmetic is that of
--   the check kind `flake-rate`: a retry that passed is a failure, a skipped test did not run, a pass from a cache is no run, and commits on
--   which a test failed whenever it ran are no flakes and not counted. A report that several verdicts judged counts once.
-- param: confidence = 0.95: how sure the bound is, between 0 and 1
WITH once AS (
  SELECT project, coalesce(commit, verdict) AS commit, place, test, coalesce(report_sha256, verdict) AS report,
    max(CASE WHEN status = 'passed' THEN 0 ELSE 1 END) AS failed,
    max(CASE WHEN status = 'failed' OR status = 'errored' THEN 0 ELSE 1 END) AS can_pass
  FROM tests
  WHERE status <> 'skipped' AND NOT (cached AND status = 'passed')
  GROUP BY project, coalesce(commit, verdict), place, test, coalesce(report_sha256, verdict)
),
commits AS (
  SELECT project, commit, place, test, count(*) AS runs, sum(failed) AS failures, max(can_pass) AS can_pass
  FROM once
  GROUP BY project, commit, place, test
),
pooled AS (
  SELECT project, place, test, count(*) AS commits,
    sum(CASE WHEN failures > 0 THEN 1 ELSE 0 END) AS flaky_commits, sum(runs) AS runs, sum(failures) AS failures
  FROM commits
  WHERE can_pass = 1
  GROUP BY project, place, test
)
SELECT project, place, test, commits, flaky_commits, runs, failures,
  CAST(failures AS DOUBLE) / CAST(runs AS DOUBLE) AS rate, upper_bound(failures, runs, $confidence) AS at_most
FROM pooled
WHERE failures > 0
ORDER BY flaky_commits DESC, rate DESC, project, place, test
