//! Packs and scenarios are embedded, and the compiler sees only changes of files that it has embedded before; new ones are
//! told here.

fn main() {
    for embedded in ["gates", "policies", "fixtures/audit", "fixtures/samples", "fixtures/scenarios", "src/build.rs"] {
        println!("cargo:rerun-if-changed={embedded}");
    }
}
