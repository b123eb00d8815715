-- title: Gates that never failed
-- answers: Gates that stood whenever they were judged: what they are worth is not proven yet. `verdicts` tells how often they were judged.
SELECT project, gate, count(*) AS verdicts, sum(examined) AS examined, min(judged_at) AS first_judged, max(judged_at) AS last_judged
FROM gates
WHERE standing IN ('pass', 'waived', 'fail', 'advisory')
GROUP BY project, gate
HAVING sum(CASE WHEN standing = 'pass' THEN 0 ELSE 1 END) = 0
ORDER BY verdicts DESC, project, gate
