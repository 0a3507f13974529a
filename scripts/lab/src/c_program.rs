//! C programs that arms are compared with: compiled once for each source, header and compiler.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use crate::protocol::fnv;

/// Optimized, for any processor of this kind, as Cargo does it for a release; C11 with what POSIX adds.
const FLAGS: [&str; 5] = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-pthread"];

/// The program, compiled unless it is there already; or what the compiler said.
pub(crate) fn compiled(
    compiler: &str,
    version: &str,
    source: &Path,
    header: &Path,
) -> Result<PathBuf, String> {
    let read =
        |path: &Path| fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()));
    let made_of = [&read(source)?, &read(header)?, version, &FLAGS.join(" ")]
        .map(|part| fnv(part.as_bytes()));
    let name = source.file_stem().unwrap_or_default().to_string_lossy();
    let hash = fnv(format!("{made_of:?}").as_bytes());
    let folder = folder()?;
    let program = folder.join(format!("{name}-{hash:016x}"));
    if program.exists() {
        return Ok(program);
    }
    // Under a name of its own until it is whole: another process can compile the same source.
    let unfinished = folder.join(format!("{name}-{hash:016x}.{}", process::id()));
    let mut command = Command::new(compiler);
    command.args(FLAGS).arg("-I").arg(header.parent().unwrap_or(header));
    command.arg(source).arg("-o").arg(&unfinished);
    let output = command.output().map_err(|why| format!("{compiler}: {why}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "`{compiler}` could not compile {}:\n{}",
            source.display(),
            said.trim_end()
        ));
    }
    fs::rename(&unfinished, &program).map_err(|why| format!("{}: {why}", program.display()))?;
    Ok(program)
}

/// Beside the program that runs: what Cargo cleans, it cleans.
fn folder() -> Result<PathBuf, String> {
    let here = env::current_exe().map_err(|why| format!("this program's place: {why}"))?;
    let folder = here.with_file_name("c-programs");
    fs::create_dir_all(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foreign;

    fn project(source: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("program.c"), source).unwrap();
        folder
    }

    fn header() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("c/lab_sample.h")
    }

    #[test]
    fn a_program_in_c_is_compiled_once_and_tells_its_sample() {
        let test = "a_program_in_c_is_compiled_once_and_tells_its_sample";
        let (compiler, version) = match foreign::c("program.c").interpreter() {
            Ok(found) => found,
            Err(why) => return crate::skipped(test, &why),
        };
        let text = "#include \"lab_sample.h\"\nint main(void) {\n    uint64_t two[] = {5, 7};\n    lab_begin();\n    \
                    lab_latencies(two, 2);\n    lab_end(\"seven\");\n    return 0;\n}\n";
        let folder = project(text);
        let source = folder.path().join("program.c");
        let program = compiled(&compiler, &version, &source, &header()).unwrap();
        let when = fs::metadata(&program).unwrap().modified().unwrap();
        let sample = foreign::run(Command::new(&program)).unwrap();
        assert_eq!(sample.answer.as_deref(), Some("seven"));
        assert_eq!(sample.latencies_ns, [5, 7]);
        assert!(
            sample.wall_ns > 0 && sample.user_ns.is_some() && sample.voluntary_switches.is_some()
        );

        let again = compiled(&compiler, &version, &source, &header()).unwrap();
        assert_eq!(again, program);
        assert_eq!(fs::metadata(&again).unwrap().modified().unwrap(), when, "not compiled again");
        fs::write(&source, text.replace("seven", "eight")).unwrap();
        let other = compiled(&compiler, &version, &source, &header()).unwrap();
        assert_ne!(other, program);
        for program in [program, other] {
            fs::remove_file(program).unwrap();
        }
    }

    #[test]
    fn what_does_not_compile_is_told_with_the_compilers_words() {
        let test = "what_does_not_compile_is_told_with_the_compilers_words";
        let (compiler, version) = match foreign::c("program.c").interpreter() {
            Ok(found) => found,
            Err(why) => return crate::skipped(test, &why),
        };
        let folder = project("int main(void) { return nothing; }\n");
        let source = folder.path().join("program.c");
        let why = compiled(&compiler, &version, &source, &header()).unwrap_err();
        assert!(why.contains("could not compile") && why.contains("nothing"), "{why}");
    }
}
