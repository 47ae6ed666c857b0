//! Forms that threads execute together, or that order memory: a short program for each, with what every thread
//! must have seen. Read [`check`].

use rigel_soft::exec::LaunchShape;

use super::form::Form;
use crate::support::{Source, run_source};

/// A program around a form, and the word that it leaves for each thread.
struct Program {
    threads: u32,
    /// Leaves the word in `%x20`.
    text: String,
    expected: Box<dyn Fn(u32) -> u64>,
}

impl Program {
    fn new(threads: u32, text: String, expected: impl Fn(u32) -> u64 + 'static) -> Self {
        Self {
            threads,
            text,
            expected: Box::new(expected),
        }
    }
}

const ITEMS: &str = ".const .align 16 .b64 C[2] = {1234567, 0};\n.global .align 16 .b64 G[2] = {7654321, 0};\n\
     .shared .align 16 .b8 S[1024];\n";

/// Whether a form is checked here.
pub(crate) fn joins(form: &Form) -> bool {
    !programs(form).is_empty()
}

/// Runs the programs of a form.
pub(crate) fn check(form: &Form) -> Result<(), String> {
    programs(form).iter().try_for_each(|program| {
        let body = format!(
            "{{ .local .align 16 .b8 L[64];\n{}\nadd.u64 %x21, %out, %at; st.global.b64 [%x21], %x20; }}",
            program.text
        );
        let source = Source {
            items: ITEMS,
            params: ", .param .align 16 .b8 P[64]",
            body: &body,
        };
        let shape = LaunchShape::new([1, 1, 1], [program.threads, 1, 1]);
        let input: Vec<u64> = (0..256).map(|word| word * 0x0101_0101_0101).collect();
        let bytes: Vec<u8> = (0..64).collect();
        let ran = run_source(&source, shape, &input, program.threads as usize, &bytes);
        if let Some(fault) = ran.outcome.fault {
            return Err(format!("{fault} in\n{body}"));
        }
        for (thread, got) in (0..).zip(ran.output) {
            let right = (program.expected)(thread);
            if got != right {
                return Err(format!(
                    "thread {thread}: {got:#x} where {right:#x} is right, in\n{body}"
                ));
            }
        }
        Ok(())
    })
}

fn programs(form: &Form) -> Vec<Program> {
    match form.opcode {
        "redux" => vec![reduction(form)],
        "vote" => (0..3).map(|pattern| vote(form, pattern)).collect(),
        "match" => [5, 1].map(|kinds| matches_of(form, kinds)).into(),
        "elect" => vec![Program::new(
            32,
            "mov.u32 %r2, -1; elect.sync %r1|%p1, %r2; cvt.u64.u32 %x20, %r1; @%p1 add.u64 %x20, %x20, 100;"
                .to_owned(),
            |thread| if thread == 0 { 100 } else { 0 },
        )],
        "activemask" => vec![Program::new(
            40,
            format!("{} {}; cvt.u64.u32 %x20, %r1;", form.text, form.operands),
            |thread| if thread < 32 { 0xFFFF_FFFF } else { 0xFF },
        )],
        "bar" | "barrier" => vec![barrier(form)],
        "isspacep" => spaces(form),
        "cvta" => vec![conversion(form)],
        "cp" => vec![asynchronous(form)],
        "mbarrier" => vec![counted(form)],
        _ => Vec::new(),
    }
}

/// A number of each thread without pattern.
fn number(thread: u32) -> u32 {
    thread.wrapping_mul(0x9E37_79B1) ^ 0x5555
}

const NUMBER: &str = "mul.lo.u32 %r2, %t, 0x9E3779B1; xor.b32 %r2, %r2, 0x5555;";

fn reduction(form: &Form) -> Program {
    let numbers = (0..32).map(number);
    let signed = form.has("s32");
    let key = move |value: u32| {
        if signed {
            i64::from(value as i32)
        } else {
            i64::from(value)
        }
    };
    let result = match form.words[1] {
        "add" => numbers.fold(0, u32::wrapping_add),
        "and" => numbers.fold(!0, |all, value| all & value),
        "or" => numbers.fold(0, |all, value| all | value),
        "xor" => numbers.fold(0, |all, value| all ^ value),
        "min" => numbers.min_by_key(|value| key(*value)).expect("32 numbers"),
        _ => numbers.max_by_key(|value| key(*value)).expect("32 numbers"),
    };
    let text = format!(
        "{NUMBER} mov.u32 %r3, -1; {} {}; cvt.u64.u32 %x20, %r1;",
        form.text, form.operands
    );
    Program::new(32, text, move |_| u64::from(result))
}

/// Every third thread, all, none.
fn says_yes(pattern: u32, thread: u32) -> bool {
    match pattern {
        0 => thread.is_multiple_of(3),
        pattern => pattern == 1,
    }
}

/// Text that sets a predicate so.
fn set_predicate(name: &str, pattern: u32) -> String {
    match pattern {
        0 => format!("rem.u32 %r9, %t, 3; setp.eq.u32 {name}, %r9, 0;\n"),
        1 => format!("setp.eq.u32 {name}, %t, %t;\n"),
        _ => format!("setp.ne.u32 {name}, %t, %t;\n"),
    }
}

fn vote(form: &Form, pattern: u32) -> Program {
    let ballot = form.has("ballot");
    // The operand is negated in the text.
    let (name, mask, read) = match ballot {
        true => ("%p1", "%r2", "cvt.u64.u32 %x20, %r1;"),
        false => ("%p2", "%r1", "selp.u64 %x20, 1, 0, %p1;"),
    };
    let votes = (0..32).fold(0u32, |all, lane| {
        all | u32::from(!says_yes(pattern, lane)) << lane
    });
    let result = match form.words[1] {
        "ballot" => votes,
        "all" => u32::from(votes == !0),
        "any" => u32::from(votes != 0),
        _ => u32::from(votes == 0 || votes == !0),
    };
    let set = set_predicate(name, pattern);
    let text = format!(
        "{set} mov.u32 {mask}, -1; {} {}; {read}",
        form.text, form.operands
    );
    Program::new(32, text, move |_| u64::from(result))
}

fn matches_of(form: &Form, kinds: u32) -> Program {
    let wide = form.has("b64");
    // Words of 64 bits differ in their upper halves only.
    let value = match wide {
        true => format!(
            "rem.u32 %r9, %t, {kinds}; cvt.u64.u32 %x1, %r9; shl.b64 %x1, %x1, 40; mov.u32 %r2, -1;"
        ),
        false => format!("rem.u32 %r2, %t, {kinds}; mov.u32 %r3, -1;"),
    };
    let all = form.has("all");
    let flag = if all {
        "selp.u64 %x19, 1, 0, %p1; shl.b64 %x19, %x19, 40; or.b64 %x20, %x20, %x19;"
    } else {
        ""
    };
    let text = format!(
        "{value} {} {}; cvt.u64.u32 %x20, %r1; {flag}",
        form.text, form.operands
    );
    Program::new(32, text, move |thread| {
        let same = (0..32).filter(|lane| lane % kinds == thread % kinds);
        let mask = same.fold(0u64, |all, lane| all | 1 << lane);
        match (all, kinds) {
            (true, 1) => mask | 1 << 40,
            (true, _) => 0,
            _ => mask,
        }
    })
}

fn barrier(form: &Form) -> Program {
    let instruction = format!("{} {};", form.text, form.operands);
    let place = "mov.u64 %x1, S; mad.wide.u32 %x2, %t, 4, %x1; st.shared.b32 [%x2], %t;\n";
    // Each thread reads what one of the other warp wrote, or, within a warp, its neighbour.
    let read = |distance: u32, threads: u32| {
        format!(
            "add.u32 %r9, %t, {distance}; rem.u32 %r9, %r9, {threads}; mad.wide.u32 %x2, %r9, 4, %x1;\n\
             ld.shared.u32 %r9, [%x2]; cvt.u64.u32 %x20, %r9;"
        )
    };
    if form.has("red") {
        let negated = form.operands.contains('!');
        let name = form
            .operands
            .rsplit(['%', ' '])
            .next()
            .expect("a predicate");
        let set = set_predicate(&format!("%{name}"), 0);
        let count = (0..96)
            .filter(|thread| says_yes(0, *thread) != negated)
            .count() as u64;
        let (result, read) = match form
            .words
            .iter()
            .find(|w| ["and", "or", "popc"].contains(w))
        {
            Some(&"popc") => (count, "cvt.u64.u32 %x20, %r1;"),
            Some(&"and") => (u64::from(count == 96), "selp.u64 %x20, 1, 0, %p1;"),
            _ => (u64::from(count > 0), "selp.u64 %x20, 1, 0, %p1;"),
        };
        return Program::new(96, format!("{set} {instruction} {read}"), move |_| result);
    }
    if form.has("warp") {
        let text = format!("{place} mov.u32 %r1, -1; {instruction} {}", read(1, 32));
        return Program::new(32, text, |thread| u64::from((thread + 1) % 32));
    }
    if form.has("arrive") {
        // The first warp writes and goes on, the second waits and reads.
        let text = format!(
            "mov.u64 %x20, 0; setp.ge.u32 %p1, %t, 32; @%p1 bra WAIT;\n{place} {instruction} bra DONE;\n\
             WAIT: mov.u64 %x1, S; bar.sync 0, 64; {}\nDONE:",
            read(32, 64)
        );
        return Program::new(64, text, |thread| u64::from(thread.saturating_sub(32)));
    }
    let text = format!("{place} {instruction} {}", read(32, 64));
    Program::new(64, text, |thread| u64::from((thread + 32) % 64))
}

/// Texts that leave a generic address in `%x1`, by space.
const ADDRESSES: [(&str, &str); 4] = [
    ("global", "mov.u64 %x1, G;"),
    ("shared", "mov.u64 %x1, S; cvta.shared.u64 %x1, %x1;"),
    ("local", "mov.u64 %x1, L; cvta.local.u64 %x1, %x1;"),
    ("param", "mov.u64 %x1, P; cvta.param.u64 %x1, %x1;"),
];

/// `shared::cta` is shared memory, `param::entry` a parameter of a kernel.
fn plain_space(form: &Form) -> &'static str {
    let word = form
        .words
        .iter()
        .find(|word| **word != "to" && **word != "u64");
    word.expect("a space").split(':').next().expect("a name")
}

fn spaces(form: &Form) -> Vec<Program> {
    let space = plain_space(form);
    let addresses = ADDRESSES.into_iter();
    let programs = addresses.map(|(name, text)| {
        let text = format!(
            "{text} {} {}; selp.u64 %x20, 1, 0, %p1;",
            form.text, form.operands
        );
        Program::new(1, text, move |_| u64::from(name == space))
    });
    programs.collect()
}

/// A word is written or known in a space, and read back through an address that was converted.
fn conversion(form: &Form) -> Program {
    let space = plain_space(form);
    let (name, known) = match space {
        "const" => ("C", Some(1_234_567)),
        "global" => ("G", Some(7_654_321)),
        "param" => ("P", Some(0x0706_0504_0302_0100)),
        "shared" => ("S", None),
        _ => ("L", None),
    };
    let write = match known {
        Some(_) => String::new(),
        None => format!("mov.u64 %x19, 424242; st.{space}.b64 [{name}], %x19;"),
    };
    let instruction = format!("{} {};", form.text, form.operands);
    let text = match form.has("to") {
        true => format!(
            "{write} mov.u64 %x3, {name}; cvta.{space}.u64 %x2, %x3; {instruction} ld.{space}.b64 %x20, [%x1];"
        ),
        false => format!("{write} mov.u64 %x2, {name}; {instruction} ld.b64 %x20, [%x1];"),
    };
    Program::new(1, text, move |_| known.unwrap_or(424_242))
}

const TEST: &str = "mbarrier.test_wait.parity.shared.b64 %p5, [S],";

/// Text that adds a digit to `%x20`: whether the phase of this parity has ended.
fn digit(parity: u32) -> String {
    format!("{TEST} {parity}; selp.u64 %x19, 1, 0, %p5; mad.lo.u64 %x20, %x20, 2, %x19;\n")
}

fn asynchronous(form: &Form) -> Program {
    let address = "mov.u64 %x30, S; mad.wide.u32 %x30, %t, 16, %x30; mad.wide.u32 %x1, %t, 16, %in;\n\
         mov.u64 %x2, 0; st.shared.v2.b64 [%x30], {%x2, %x2};\n";
    let read = "ld.shared.b64 %x20, [%x30];";
    let expected = |thread: u32| u64::from(2 * thread) * 0x0101_0101_0101;
    let copy = "cp.async.ca.shared.global [%x30], [%x1], 16;";
    let instruction = format!("{} {};", form.text, form.operands.replace("[S]", "[%x30]"));
    if form.has("mbarrier") {
        let own = form.has("noinc");
        let target = if form.operands == "[S]" {
            ""
        } else {
            "mov.u64 %x1, S; cvta.shared.u64 %x1, %x1;"
        };
        let arrive = if own {
            ""
        } else {
            "mbarrier.arrive.shared.b64 %x3, [S];"
        };
        let text = format!(
            "{target} mov.u64 %x20, 0; mbarrier.init.shared.b64 [S], 1;\n\
             {} {};\n cp.async.wait_all; {arrive} {}",
            form.text,
            form.operands,
            digit(0)
        );
        return Program::new(1, text, |_| 1);
    }
    let text = match form.words[1] {
        "commit_group" => format!("{address} {copy} {instruction} cp.async.wait_group 0; {read}"),
        "wait_all" => format!("{address} {copy} {instruction} {read}"),
        "wait_group" => format!("{address} {copy} cp.async.commit_group; {instruction} {read}"),
        _ => format!("{address} {instruction} cp.async.wait_all; {read}"),
    };
    let short = form.operands.ends_with(", 4");
    Program::new(32, text, move |thread| {
        let word = expected(thread);
        if short { word & 0xFFFF_FFFF } else { word }
    })
}

/// One thread takes a counted barrier through its phases; the digits tell which had ended when.
fn counted(form: &Form) -> Program {
    let generic = form.operands.contains("[%x");
    let register = if form.operands.contains("[%x2]") {
        "%x2"
    } else {
        "%x1"
    };
    let address = match generic {
        true => format!("mov.u64 {register}, S; cvta.shared.u64 {register}, {register};\n"),
        false => String::new(),
    };
    let own = |number: u32| {
        format!(
            "{address} mov.u32 %r1, {number}; {} {};\n",
            form.text, form.operands
        )
    };
    let arrive = ARRIVE;
    let expect = "mbarrier.expect_tx.relaxed.cta.shared.b64 [S], 16;\n";
    let complete = COMPLETE;
    let d0 = digit(0);
    let (text, expected) = match form.words[0] {
        "init" => (format!("{}{d0}{arrive}{d0}", own(1)), 0b01),
        "inval" => (format!("{}{}{}{arrive}{d0}", init(3), own(0), init(1)), 0b1),
        "pending_count" => {
            let text = format!("{} mbarrier.arrive.shared.b64 %x1, [S];\n", init(5));
            let text = format!(
                "{text}{} {}; cvt.u64.u32 %x20, %r1;\n",
                form.text, form.operands
            );
            (text, 5)
        }
        "expect_tx" => (
            format!("{}{}{arrive}{d0}{complete}{d0}", init(1), own(16)),
            0b01,
        ),
        "complete_tx" => (
            format!("{}{expect}{arrive}{d0}{}{d0}", init(1), own(16)),
            0b01,
        ),
        "arrive" | "arrive_drop" => arrival(form, &own),
        _ => {
            let state = if generic { "%x2" } else { "%x1" };
            let arrive = format!("mbarrier.arrive.shared.b64 {state}, [S];\n");
            let again = "mbarrier.arrive.shared.b64 %x9, [S];\n";
            let ask = format!(
                "{} selp.u64 %x19, 1, 0, %p1; mad.lo.u64 %x20, %x20, 2, %x19;\n",
                own(0)
            );
            (format!("{}{arrive}{ask}{again}{ask}", init(2)), 0b01)
        }
    };
    Program::new(1, format!("mov.u64 %x20, 0;\n{text}"), move |_| expected)
}

const ARRIVE: &str = "mbarrier.arrive.shared.b64 %x9, [S];\n";
const COMPLETE: &str = "mbarrier.complete_tx.shared.b64 [S], 16;\n";

fn init(count: u32) -> String {
    format!("mbarrier.init.shared.b64 [S], {count};\n")
}

/// The form arrives first, others after it; after a drop the next phase takes one arrival less.
fn arrival(form: &Form, own: &dyn Fn(u32) -> String) -> (String, u64) {
    let (d0, d1) = (digit(0), digit(1));
    let drops = form.has("arrive_drop");
    let next = match drops {
        true => format!("{ARRIVE}{d1}"),
        false => format!("{ARRIVE}{d1}{ARRIVE}{d1}"),
    };
    if form.has("expect_tx") {
        let text = format!("{}{}{d0}{ARRIVE}{d0}{COMPLETE}{d0}{next}", init(2), own(16));
        return (text, if drops { 0b0011 } else { 0b00101 });
    }
    let text = format!("{}{}{d0}{ARRIVE}{d0}{next}", init(2), own(1));
    (text, if drops { 0b011 } else { 0b0101 })
}
