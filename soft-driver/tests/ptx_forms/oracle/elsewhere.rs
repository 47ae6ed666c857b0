//! Forms without a result of their own, or whose results are approximate, and the tests that cover them. Read
//! [`TESTS`].

use std::path::Path;

use super::form::Form;

/// Beginnings of forms, the file of the test, and its name.
pub(crate) const TESTS: &[(&str, &str, &str)] = &[
    // Whatever they order or hint at happens anyway: that they end is all there is to see.
    ("applypriority", COVERAGE, ORDERLY),
    ("createpolicy", COVERAGE, ORDERLY),
    ("discard", COVERAGE, ORDERLY),
    ("fence", COVERAGE, ORDERLY),
    ("griddepcontrol", COVERAGE, ORDERLY),
    ("membar", COVERAGE, ORDERLY),
    ("nanosleep", COVERAGE, ORDERLY),
    ("pmevent", COVERAGE, ORDERLY),
    ("prefetch", COVERAGE, ORDERLY),
    ("prefetchu", COVERAGE, ORDERLY),
    // Where threads go.
    ("bra", CONTROL, "divergent_branches_join_again"),
    ("brx", CONTROL, "indirect_branches_go_to_their_target"),
    ("call", CONTROL, "calls_pass_parameters_and_return_values"),
    ("ret", CONTROL, "recursion_keeps_frames_apart"),
    ("exit", CONTROL, "threads_may_leave_early"),
    ("trap", FAULTS, "traps_and_wrong_jumps_are_told_apart"),
    ("brkpt", COVERAGE, ORDERLY),
    (
        "alloca",
        CONTROL,
        "pieces_of_the_stack_are_each_threads_own",
    ),
    ("stackrestore", CONTROL, "a_saved_stack_pointer_gives_back"),
    ("stacksave", CONTROL, "a_saved_stack_pointer_gives_back"),
    (
        "istypep",
        CONTROL,
        "addresses_of_opaque_variables_are_known",
    ),
    ("shfl", CROSS, "shuffles_move_values_between_lanes"),
    (
        "st.bulk",
        "src/exec/tests/newer.rs",
        "fills_policies_and_counts_do_as_told",
    ),
    // Results of limited exactness.
    (
        "div.approx",
        APPROXIMATE,
        "approximate_quotients_are_off_by_one_rounding",
    ),
    (
        "div.full",
        APPROXIMATE,
        "approximate_quotients_are_off_by_one_rounding",
    ),
    ("rcp.approx.ftz.f64", APPROXIMATE, GROSS),
    ("rsqrt.approx.ftz.f64", APPROXIMATE, GROSS),
    ("rsqrt.approx.f64", APPROXIMATE, ROOTS),
    ("ex2.approx.f16", APPROXIMATE, HALVES),
    ("ex2.approx.f16x2", APPROXIMATE, HALVES),
    ("ex2.approx.ftz.bf16", APPROXIMATE, HALVES),
    ("ex2.approx.ftz.bf16x2", APPROXIMATE, HALVES),
    ("tanh.approx.f16", APPROXIMATE, HALVES),
    ("tanh.approx.f16x2", APPROXIMATE, HALVES),
    ("tanh.approx.bf16", APPROXIMATE, HALVES),
    ("tanh.approx.bf16x2", APPROXIMATE, HALVES),
    ("rcp.approx", APPROXIMATE, SINGLES),
    ("sqrt.approx", APPROXIMATE, SINGLES),
    ("rsqrt.approx", APPROXIMATE, SINGLES),
    ("ex2.approx", APPROXIMATE, SINGLES),
    ("lg2.approx", APPROXIMATE, SINGLES),
    ("sin.approx", APPROXIMATE, SINGLES),
    ("cos.approx", APPROXIMATE, SINGLES),
    ("tanh.approx", APPROXIMATE, SINGLES),
];

const APPROXIMATE: &str = "tests/ptx_forms/approximate.rs";
const CONTROL: &str = "tests/ptx_forms/control.rs";
const CROSS: &str = "tests/ptx_forms/cross.rs";
const COVERAGE: &str = "tests/ptx_coverage/main.rs";
const FAULTS: &str = "src/exec/tests/faults.rs";
const ORDERLY: &str = "every_form_ends_in_an_orderly_way";
const GROSS: &str = "gross_doubles_keep_the_upper_half_of_their_bits";
const HALVES: &str = "half_precision_functions_are_off_by_one_rounding";
const ROOTS: &str = "reciprocal_roots_of_doubles_are_off_by_two_roundings";
const SINGLES: &str = "single_precision_functions_are_off_by_one_rounding";

/// Opcodes of which no form is executed; `docs/ptx-coverage.md` says why.
const REFUSED: [&str; 1] = ["multimem"];

/// The test of a form that has no oracle.
pub(crate) fn test_of(form: &Form) -> Option<&'static str> {
    if REFUSED.contains(&form.opcode) {
        return Some("");
    }
    let is = |beginning: &str| {
        let rest = form.text.strip_prefix(beginning);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let found = TESTS.iter().find(|(beginning, ..)| is(beginning));
    found.map(|(.., name)| *name)
}

#[test]
fn tests_elsewhere_exist() {
    for (form, file, name) in TESTS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.contains(&format!("fn {name}()")),
            "{form}: {file}: {name}"
        );
    }
}
