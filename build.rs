//! Packs are embedded, and the compiler sees only changes of files that it has embedded before; new ones are told here.

fn main() {
    println!("cargo:rerun-if-changed=gates");
    println!("cargo:rerun-if-changed=policies");
    println!("cargo:rerun-if-changed=build.rs");
}
