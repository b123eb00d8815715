-- title: What each gate ever caught
-- answers: The kinds of findings of each gate, in how many verdicts and how many findings, on how many commits, first and last. Gates that
--   never caught anything are in `never-failed`.
SELECT project, gate, kind, count(DISTINCT verdict) AS verdicts, count(*) AS findings, count(DISTINCT commit) AS commits,
  min(judged_at) AS first_seen, max(judged_at) AS last_seen
FROM findings
GROUP BY project, gate, kind
ORDER BY verdicts DESC, project, gate, kind
