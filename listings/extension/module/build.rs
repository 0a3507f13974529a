//! On macOS, a module is linked against no Python: it finds the names it needs
//! in the process that loads it. Elsewhere this changes nothing.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
