//! Lines of failures in pairs: the same failure seen twice, and different failures that look alike.

use super::lines;

const SAME: &[(&str, &str)] = &[
    // Runs.
    ("wrote artifacts/e2e/12345678901-1/results/x.json", "wrote artifacts/e2e/12345678901-2/results/x.json"),
    ("see artifacts/e2e/local/e2e.log", "see artifacts/e2e/20260302T101500Z/e2e.log"),
    ("/home/ci/shop/artifacts/e2e/r-1/x.py: no", "/srv/artifacts/e2e/r-2/x.py: no"),
    // Threads.
    ("goroutine 23 [running]:", "goroutine 7 [running]:"),
    ("Exception in thread Thread-3 (serve)", "Exception in thread Thread-12 (serve)"),
    ("Exception in thread \"pool-2-thread-5\" java.lang.X", "Exception in thread \"pool-1-thread-1\" java.lang.X"),
    ("ForkPoolWorker-7: boom", "ForkPoolWorker-1: boom"),
    ("[gw3] FAILED test_a", "[gw0] FAILED test_a"),
    ("tid=4711 died", "tid=4712 died"),
    // Times.
    ("10.0.0.1 - - [28/Nov/2026:13:55:36 +0000] \"GET /\" 500", "10.0.0.2 - - [01/Dec/2026:03:05:06 +0100] \"GET /\" 500"),
    ("11/28/2026 4:05:12 PM no", "1/2/2027 11:15:00 AM no"),
    ("11/28/2026, 16:05:12: no", "12/01/2026, 06:05:59: no"),
    ("28.11.2026 16:05:12 no", "01.12.2026 06:05:59 no"),
    ("at 1795842099.1234 no", "at 1795842100.5 no"),
    ("at 1795842099123 no", "at 1795842099999 no"),
    ("Sat Nov 28 16:05:12 UTC 2026 no", "Tue Dec  1 06:05:12 CET 2026 no"),
    ("Nov 28, 2026 4:05:12 PM no", "Dec 1, 2026 11:05:12 AM no"),
    ("Saturday, November 28, 2026: no", "Tuesday, December 1, 2026: no"),
    ("28 Nov 2026 16:05:12 no", "1 Dec 2026 06:05:12 no"),
    ("I1128 16:05:12.123456   12345 shop.go:10] no", "I1201 06:05:12.654321       7 shop.go:10] no"),
    ("backup_20261128_160512.tar is bad", "backup_20261201_060512.tar is bad"),
    ("dump 2026-11-28_16-05-12 is bad", "dump 2026-12-01_06-05-12 is bad"),
    ("build 20261128 is bad", "build 20261201 is bad"),
    ("at 4:05 PM no", "at 11:15 AM no"),
    ("2026-11-28 16:05:12 UTC no", "2026-12-01 06:05:12 UTC no"),
    // Lengths of time, rates.
    ("took 1,034 ms", "took 12 ms"),
    ("took 1.2e-05s", "took 3.4e-04s"),
    ("after 1.5 seconds", "after 1,200.25 seconds"),
    ("after PT1.5S", "after PT1M2.25S"),
    ("12.3 MB/s then a reset", "1,203.4 KiB/s then a reset"),
    ("45 req/s, refused", "7 req/s, refused"),
    // Machines.
    ("on runner-abc12-project-3-concurrent-0: no", "on runner-xyz99-project-3-concurrent-1: no"),
    ("ip-10-0-3-7.ec2.internal refused", "ip-10-0-31-72.ec2.internal refused"),
    ("fv-az123-456 is full", "fv-az9-12 is full"),
    ("hostname=build7 is full", "hostname=build12 is full"),
    ("root@3f2a1bc4d5e6: no", "root@0a9b8c7d6e5f: no"),
    ("shop-7d9f8b6c4-x2x9k is not ready", "shop-5c8d7f9b1-a1b2c is not ready"),
    ("worker-12 lost", "worker-3 lost"),
    ("db7.shop.internal refused", "db12.shop.internal refused"),
    // Seeds and ids.
    ("random seed: 12345", "random seed: 7"),
    ("Using --randomly-seed=1234", "Using --randomly-seed=99"),
    ("PYTHONHASHSEED=42 boom", "PYTHONHASHSEED=0 boom"),
    ("requestId: a7f3 refused", "requestId: b8e4 refused"),
    ("\"traceID\":\"00ab12\" lost", "\"traceID\":\"11cd34\" lost"),
    ("Foo@1b6d3586 is closed", "Foo@7a81197d is closed"),
    ("listening on :42939 failed", "listening on :35001 failed"),
    // Places.
    ("File \"/workspace/shop/app.py\", line 9", "File \"/src/shop/app.py\", line 9"),
    ("cd /workspace: no", "cd /src: no"),
    ("/src/app.py:3: boom", "/workspace/app.py:3: boom"),
    ("left /tmp/tmp.XyzAbcDefg behind", "left /tmp/tmp.QrsTuvWxyz behind"),
];

const DIFFERENT: &[(&str, &str)] = &[
    ("grid=3 is bad", "grid=4 is bad"),
    ("valid=0, want 1", "valid=2, want 1"),
    ("paid: 119 cents", "paid: 120 cents"),
    ("missing /etc/foo", "missing /etc/bar"),
    ("/usr/bin/docker: not found", "/usr/bin/podman: not found"),
    ("deadbeef1 is no price", "deadbeef2 is no price"),
    ("AssertionError: 120 != 119", "AssertionError: 121 != 119"),
    ("line 9 of app.py", "line 10 of app.py"),
    ("expected 3 items, got 4", "expected 3 items, got 5"),
    ("File \"/w/x/app.py\"", "File \"/w/x/cart.py\""),
    ("left-pad@1.2.3 is missing", "left-pad@1.2.4 is missing"),
    ("exit code 1", "exit code 2"),
    ("KeyError: apple", "KeyError: pear"),
    ("GET /prices 500", "GET /prices 404"),
    ("python 3.11 is needed", "python 3.12 is needed"),
    ("test_a failed", "test_b failed"),
    ("FAILED tests/test_a.py::test_x", "FAILED tests/test_a.py::test_y"),
    ("ratio 3:12", "ratio 3:13"),
    ("nats.internal refused", "redis.internal refused"),
    ("agent-runner is gone", "workflow-runner is gone"),
    ("no module named shop", "no module named cart"),
    ("seeds are bad", "needs are bad"),
];

#[test]
fn the_same_failure_is_the_same_wherever_it_is_seen() {
    let apart: Vec<_> = SAME
        .iter()
        .filter(|(a, b)| lines(a, None) != lines(b, None))
        .map(|(a, b)| (lines(a, None), lines(b, None)))
        .collect();
    assert!(apart.is_empty(), "{apart:#?}");
    let own = lines("no file /x/y/r-12345/a.json, run r-12345", Some("r-12345"));
    assert_eq!(own, lines("no file /x/y/r-678901/a.json, run r-678901", Some("r-678901")));
    assert_eq!(SAME.len(), 50);
}

#[test]
fn different_failures_are_different() {
    let merged: Vec<_> =
        DIFFERENT.iter().filter(|(a, b)| lines(a, None) == lines(b, None)).map(|(a, _)| lines(a, None)).collect();
    assert!(merged.is_empty(), "{merged:#?}");
    assert_eq!(DIFFERENT.len(), 22);
}
