-- title: How old evidence is when it is judged
-- answers: For each artifact that says when it was made: its age at the judgement in hours, median, 95th percentile and most, and in how
--   many verdicts it was not admitted. What says no time has no age; its gaps are counted all the same.
WITH aged AS (
  SELECT project, path, gap, CAST(to_unixtime(judged_at) - to_unixtime(made_at) AS DOUBLE) / 3600.0 AS hours
  FROM evidence
)
SELECT project, path, count(*) AS verdicts, count(hours) AS with_age, count(gap) AS gaps, median(hours) AS median_hours,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY hours) AS p95_hours, max(hours) AS most_hours
FROM aged
GROUP BY project, path
ORDER BY most_hours DESC NULLS LAST, project, path
