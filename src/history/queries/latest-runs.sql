-- title: The latest runs
-- answers: The newest runs, with what each came to; those of one commit only where one is named. A run that was judged several times is one
--   run, and comes to what it came to last. For gates that want several green runs in a row.
-- param: commit = '': a commit, 40 hex digits; empty for all
-- param: most = 3: how many
SELECT judged_at, verdict, ruling, coalesce(commit, '') AS commit, coalesce(branch, '') AS branch, failed, waived, blocked
FROM runs_once
WHERE $commit = '' OR commit = $commit
ORDER BY judged_at DESC, verdict DESC
LIMIT $most
