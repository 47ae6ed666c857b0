//! Asking ptxas: many instructions in one file, the refused ones found by the line of each message, until
//! nothing is refused any more. Read [`Assembler::judge`].

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::pattern::Instruction;
use crate::exec;

/// The module that an instruction stands in, `INSTRUCTION` and `NAME` being replaced.
pub(super) const FRAME: &str = "\
.version 9.5
.target sm_120
.address_size 64
.const .align 16 .b8 C[64];
.global .align 16 .b8 G[64];
.func callee() { ret; }
.func (.param .b32 out) sum(.param .b32 one, .param .b32 two) { ret; }
.visible .entry NAME(.param .align 16 .b8 P[64])
{
.reg .pred %p<40>;
.reg .b8 %b<40>;
.reg .b16 %h<40>;
.reg .b32 %r<80>;
.reg .b64 %x<40>;
.reg .b128 %q<40>;
.local .align 16 .b8 L[64];
.shared .align 16 .b8 S[64];
.param .align 16 .b8 F[64];
targets: .branchtargets here;
prototype: .callprototype _ ();
here:
INSTRUCTION
ret;
}
";

/// Instructions of one file.
const BATCH: usize = 4000;
/// Files that may be needed until nothing of a batch is refused.
const ROUNDS_MAX: usize = 200;

/// What the assembler says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    /// The form may exist, but not with these operands.
    Mismatch,
    Refused,
}

/// ptxas and a folder for its files.
#[derive(Debug)]
pub(super) struct Assembler {
    program: PathBuf,
    folder: PathBuf,
}

impl Assembler {
    pub(super) fn new(program: PathBuf, folder: PathBuf) -> Result<Self> {
        fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
        Ok(Self { program, folder })
    }

    /// Its release: `release 13.5, V13.5.37`.
    pub(super) fn version(&self) -> Result<String> {
        let text = exec::stdout(Command::new(&self.program).arg("--version"))?;
        let line = text.lines().find_map(|line| line.split_once(", "));
        Ok(line.context("the version of ptxas")?.1.to_owned())
    }

    /// A verdict for each instruction.
    pub(super) fn judge(&self, instructions: &[Instruction]) -> Result<Vec<Verdict>> {
        let mut verdicts = vec![Verdict::Accepted; instructions.len()];
        for (batch, verdicts) in instructions.chunks(BATCH).zip(verdicts.chunks_mut(BATCH)) {
            self.judge_batch(batch, verdicts)?;
        }
        Ok(verdicts)
    }

    fn judge_batch(&self, batch: &[Instruction], verdicts: &mut [Verdict]) -> Result<()> {
        for _ in 0..ROUNDS_MAX {
            let left: Vec<usize> = (0..batch.len())
                .filter(|index| verdicts[*index] == Verdict::Accepted)
                .collect();
            if left.is_empty() {
                return Ok(());
            }
            let refused = self.refused(batch, &left)?;
            if refused.is_empty() {
                return Ok(());
            }
            for (index, verdict) in refused {
                verdicts[index] = verdict;
            }
        }
        bail!("ptxas refuses something new in each of {ROUNDS_MAX} rounds")
    }

    /// Which of the instructions `left` are refused.
    fn refused(&self, batch: &[Instruction], left: &[usize]) -> Result<Vec<(usize, Verdict)>> {
        let (before, after) = FRAME
            .split_once("INSTRUCTION\n")
            .context("the frame has no place")?;
        let mut text = before.replace("NAME", "k");
        let first_line = text.lines().count() + 1;
        for index in left {
            text.push_str(&batch[*index].text());
            text.push('\n');
        }
        text.push_str(after);
        let path = self.folder.join("forms.ptx");
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
        let output = Command::new(&self.program)
            .args(["-arch=sm_120", "-O0", "--output-file"])
            .arg(self.folder.join("forms.cubin"))
            .arg(&path)
            .output()
            .with_context(|| format!("start {}", self.program.display()))?;
        let messages = String::from_utf8_lossy(&output.stderr).into_owned()
            + &String::from_utf8_lossy(&output.stdout);
        let mut refused = Vec::new();
        for message in messages.lines() {
            let Some((line, text)) = error_line(message) else {
                continue;
            };
            let index = line.checked_sub(first_line).and_then(|at| left.get(at));
            if let Some(index) = index {
                refused.push((*index, verdict(text)));
            }
        }
        if refused.is_empty() && !output.status.success() {
            return self.without_lines(batch, left, &messages);
        }
        Ok(refused)
    }

    /// Messages that name no line: the halves tell which instruction it is.
    fn without_lines(
        &self,
        batch: &[Instruction],
        left: &[usize],
        messages: &str,
    ) -> Result<Vec<(usize, Verdict)>> {
        if left.len() == 1 {
            let text = batch[left[0]].text();
            println!("refused without a line: {text} {}", messages.trim());
            return Ok(vec![(left[0], Verdict::Refused)]);
        }
        let (first, second) = left.split_at(left.len() / 2);
        let mut refused = self.refused(batch, first)?;
        if refused.is_empty() {
            refused = self.refused(batch, second)?;
        }
        Ok(refused)
    }
}

/// Line and text of an error.
fn error_line(message: &str) -> Option<(usize, &str)> {
    let (_, rest) = message.split_once(", line ")?;
    let (line, text) = rest.split_once(';')?;
    let is_error = text.contains("error") || text.contains("fatal");
    is_error.then_some((line.trim().parse().ok()?, text))
}

fn verdict(text: &str) -> Verdict {
    let about_operands = ["Arguments mismatch", "operand", "Operand", "argument"];
    if about_operands.iter().any(|word| text.contains(word)) {
        Verdict::Mismatch
    } else {
        Verdict::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_their_line() {
        let message =
            "ptxas a.ptx, line 6; error   : Illegal modifier '.ftz' for instruction 'add'";
        let (line, text) = error_line(message).unwrap();
        assert_eq!((line, verdict(text)), (6, Verdict::Refused));
        assert!(error_line("ptxas fatal   : Ptx assembly aborted due to errors").is_none());
        assert!(error_line("ptxas a.ptx, line 7; warning : odd").is_none());
    }
}
