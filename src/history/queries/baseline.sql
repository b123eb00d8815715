-- title: What a measured value was before
-- answers: Median, mean, least and greatest of a value in the newest runs in which it was measured. No row if there are fewer than that. A run
--   that was judged several times is one run. For gates that compare a value with earlier ones.
-- param: gate = '': the gate that measured it; empty for all
-- param: what = '': what was measured
-- param: most = 20: how many runs, at most
-- param: fewest = 20: and at least
-- param: days = 36500: those of so many days before now
-- param: now = '': the end of these days; empty for the clock
-- param: ruling = '': runs that came to this only: `pass`, `warn` or `fail`; empty for all
WITH newest AS (
    SELECT m.judged_at, m.verdict, max(m.value) AS value, max(m.unit) AS unit
    FROM measures m JOIN runs_once r ON r.verdict = m.verdict AND r.project = m.project
    WHERE ($gate = '' OR m.gate = $gate) AND m.what = $what AND ($ruling = '' OR r.ruling = $ruling)
      AND date_part('epoch', m.judged_at) >= date_part('epoch', CASE WHEN $now = '' THEN now() ELSE to_timestamp($now) END) - 86400.0 * $days
    GROUP BY m.judged_at, m.verdict
    ORDER BY m.judged_at DESC, m.verdict DESC
    LIMIT $most
)
SELECT count(*) AS runs, median(value) AS median, avg(value) AS mean, min(value) AS least, max(value) AS greatest, max(unit) AS unit,
       max(judged_at) AS newest, min(judged_at) AS oldest
FROM newest
HAVING count(*) >= $fewest AND count(DISTINCT unit) = 1
