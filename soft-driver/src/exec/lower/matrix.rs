//! Matrix operations of a warp. Read [`Lowering::matrix`].

use super::{
    code::{Class, Node, Ref},
    form::Form,
    integer::unknown_type,
    lowering::{Lowered, Lowering, Refusal},
    memory::space,
};
use crate::exec::{
    matrix::{self, Kind, Plan},
    quads, tiles,
};
use crate::ptx::{Instruction, Operand, ScalarType as T, Space};

impl<'a> Lowering<'_, 'a> {
    /// `mma`, `wmma`, `ldmatrix`, `stmatrix`, `movmatrix`.
    pub(super) fn matrix(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        form.ignore(&["sync", "aligned"]);
        match instruction.opcode {
            "mma" => self.mma(instruction, form),
            "wmma" => self.wmma(instruction, form),
            "movmatrix" => {
                form.ignore(&["m8n8", "trans", "b16"]);
                let a = self.source(self.operand(instruction, 1)?, T::U32)?;
                let d = self.dest(self.operand(instruction, 0)?, Class::W32)?;
                self.emit(Node::new(tiles::transpose).d(d).a(a));
                Ok(())
            }
            _ => self.matrix_rows(instruction, form),
        }
    }

    fn mma(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let sparse = match form.take("sp") || form.take("sp::ordered_metadata") {
            true => self.selector(instruction)?,
            false => 0,
        };
        let (m, n, k) = shape(form).ok_or("the shape is not known")?;
        if (m, n, k) == (8, 8, 4) && !is_double(form) {
            return self.multiply_quads(instruction, form);
        }
        if !form.take("row") || !form.take("col") {
            return Err("this layout of the matrices is not known".to_owned());
        }
        let saturate = form.take("satfinite");
        let rounding = rounding(form);
        let [d, a, b, c] = [form.ty(), form.ty(), form.ty(), form.ty()];
        if a == Some(T::B1) {
            return self.multiply_bits(instruction, form, (m, n, k));
        }
        let plan = Plan {
            m,
            n,
            k,
            a: kind(a)?,
            b: kind(b)?,
            c: kind(c)?,
            d: kind(d)?,
            opaque: false,
            saturate,
            rounding,
            sparse,
        };
        self.multiply(instruction, plan)
    }

    /// The last operand of a product with a sparse matrix, as [`Plan::sparse`] has it.
    fn selector(&self, instruction: &Instruction<'a>) -> Result<u32, Refusal> {
        match self.operand(instruction, 5)? {
            Operand::Imm(selector) if selector.bits() < 4 => Ok(1 + selector.bits() as u32),
            _ => Err("the selector is no constant from 0 to 3".to_owned()),
        }
    }

    /// `.b1`: 32 elements are one here.
    fn multiply_bits(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
        (m, n, k): (usize, usize, usize),
    ) -> Lowered {
        let kind = match form.take_one(&[("xor", Kind::Xor), ("and", Kind::And)]) {
            Some(kind) if form.take("popc") => kind,
            _ => return Err("the operation is not known".to_owned()),
        };
        let plan = Plan {
            m,
            n,
            k: k / 32,
            a: kind,
            b: kind,
            c: Kind::S32,
            d: Kind::S32,
            opaque: false,
            saturate: false,
            rounding: 0,
            sparse: 0,
        };
        self.multiply(instruction, plan)
    }

    /// `mma.m8n8k4` on halves.
    fn multiply_quads(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        use quads::flags::{A_BY_COLUMN, B_BY_COLUMN, C_SINGLE, D_SINGLE};
        let mut imm = 0;
        for flag in [A_BY_COLUMN, B_BY_COLUMN] {
            match form.take_next(&[("row", 0), ("col", flag)]) {
                Some(flag) => imm |= flag,
                None => return Err("the layouts are missing".to_owned()),
            }
        }
        let [d, a, b, c] = [form.ty(), form.ty(), form.ty(), form.ty()];
        if (a, b) != (Some(T::F16), Some(T::F16)) {
            return Err("other types than halves are not known here".to_owned());
        }
        let mut length = |ty: Option<T>, flag: u64| match ty {
            Some(T::F32) => {
                imm |= flag;
                Ok(8)
            }
            Some(T::F16) => Ok(4),
            _ => Err("the type of the sums is not known".to_owned()),
        };
        let lengths = [length(d, D_SINGLE)?, 2, 2, length(c, C_SINGLE)?];
        let mut items = Vec::new();
        for index in [1, 2, 3, 0] {
            let registers = Self::elements(self.operand(instruction, index)?);
            if registers.len() != lengths[index] {
                return Err(format!("operand {} has the wrong length", index + 1));
            }
            for register in registers {
                items.push(match index {
                    0 => self.dest(register, Class::W32)?,
                    _ => self.source(register, T::B32)?,
                });
            }
        }
        let node = Node::new(quads::multiply).ext(Ref::List).imm(imm);
        let node = self.with_list(node, &items);
        self.emit(node.early());
        Ok(())
    }

    fn multiply(&mut self, instruction: &Instruction<'a>, plan: Plan) -> Lowered {
        let mut items: Vec<Ref> = plan.words().map(Ref::Raw).to_vec();
        let sides = [
            (plan.d, plan.m * plan.n),
            (plan.a, plan.m * plan.kept()),
            (plan.b, plan.k * plan.n),
            (plan.c, plan.m * plan.n),
        ];
        for (index, (kind, elements)) in sides.into_iter().enumerate() {
            let registers = Self::elements(self.operand(instruction, index)?);
            let expected = (elements / 32).div_ceil(kind.packed());
            if registers.len() != expected && !plan.opaque || registers.len() < expected {
                return Err(format!("operand {} has the wrong length", index + 1));
            }
            items.push(Ref::Raw(expected as u32));
            for register in &registers[..expected] {
                items.push(if index == 0 {
                    self.dest(register, class(kind))?
                } else {
                    self.source(register, bits(kind))?
                });
            }
        }
        if plan.sparse != 0 {
            items.push(self.source(self.operand(instruction, 4)?, T::B32)?);
        }
        let node = Node::new(matrix::multiply).ext(Ref::List);
        let node = self.with_list(node, &items);
        self.emit(node.early());
        Ok(())
    }

    fn wmma(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        if form.take("mma") {
            return self.wmma_multiply(instruction, form);
        }
        let stores = form.take("store");
        if !stores && !form.take("load") {
            return Err("the operation is not known".to_owned());
        }
        let side = form
            .take_one(&[("a", 0), ("b", 1), ("c", 2), ("d", 2)])
            .ok_or("the matrix is not known")?;
        let (m, n, k) = shape(form).ok_or("the shape is not known")?;
        let by_column = form.take("col");
        if !by_column && !form.take("row") {
            return Err("the layout is not known".to_owned());
        }
        let space = space(form)?.unwrap_or(Space::Reg);
        let ty = form.ty();
        if let Some(element @ (T::S4 | T::U4 | T::B1)) = ty {
            let line = if side == 0 { !by_column } else { by_column };
            if stores || !line {
                return Err("this layout of the matrix is not known".to_owned());
            }
            return self.load_words(instruction, space, (element, k));
        }
        let kind = kind(ty)?;
        let (rows, columns) = match side {
            0 => (m, k),
            1 => (k, n),
            _ => (m, n),
        };
        let (address_at, value_at) = if stores { (0, 1) } else { (1, 0) };
        let address = self.generic_row(instruction, address_at, space)?;
        let stride = match instruction.operands.get(2) {
            Some(stride) => self.source(stride, T::U32)?,
            None => self.uniform32(if by_column { rows } else { columns } as u32),
        };
        let registers = Self::elements(self.operand(instruction, value_at)?);
        let used = (rows * columns / 32).div_ceil(kind.packed());
        if registers.len() < used {
            return Err("there are too few registers".to_owned());
        }
        let mut items = [
            rows as u32,
            columns as u32,
            kind as u32,
            u32::from(by_column),
        ]
        .map(Ref::Raw)
        .to_vec();
        items.extend([Ref::Site, Ref::Raw(used as u32)]);
        for register in &registers[..used] {
            items.push(if stores {
                self.source(register, bits(kind))?
            } else {
                self.dest(register, class(kind))?
            });
        }
        let node = Node::new(matrix::transfer).a(address).b(stride);
        let node = self.with_list(node.ext(Ref::List).imm(u64::from(stores)), &items);
        self.emit(node.early());
        Ok(())
    }

    /// `wmma.load` of elements smaller than a byte.
    fn load_words(
        &mut self,
        instruction: &Instruction<'a>,
        space: Space,
        (element, k): (T, usize),
    ) -> Lowered {
        let address = self.generic_row(instruction, 1, space)?;
        let stride = match instruction.operands.get(2) {
            Some(stride) => self.source(stride, T::U32)?,
            None => self.uniform32(k as u32),
        };
        let [register] = Self::elements(self.operand(instruction, 0)?) else {
            return Err("one register is expected".to_owned());
        };
        let d = self.dest(register, Class::W32)?;
        let node = Node::new(quads::load_words).d(d).a(address).b(stride);
        let bits = u64::from(element.size_bits());
        self.emit(node.ext(Ref::Site).imm(bits).early());
        Ok(())
    }

    /// Fragments hold no layout, so that `.row` and `.col` were settled when they were loaded.
    fn wmma_multiply(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let (m, n, k) = shape(form).ok_or("the shape is not known")?;
        form.ignore(&["row", "col"]);
        form.ignore(&["row", "col"]);
        let rounding = rounding(form);
        let saturate = form.take("satfinite");
        let mut types = Vec::new();
        while let Some(ty) = form.ty() {
            types.push(ty);
        }
        if types.get(1) == Some(&T::B1) {
            return self.multiply_bits(instruction, form, (m, n, k));
        }
        let half = Some(T::F16);
        let [d, a, b, c] = match types.as_slice() {
            [d, c] => [Some(*d), half, half, Some(*c)],
            [d, a, b, c] => [d, a, b, c].map(|ty| Some(*ty)),
            _ => return Err("the number of types is not known".to_owned()),
        };
        let plan = Plan {
            m,
            n,
            k,
            a: kind(a)?,
            b: kind(b)?,
            c: kind(c)?,
            d: kind(d)?,
            opaque: !matches!(a, Some(T::S4 | T::U4)),
            saturate,
            rounding,
            sparse: 0,
        };
        self.multiply(instruction, plan)
    }

    /// `ldmatrix` and `stmatrix`.
    fn matrix_rows(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let stores = instruction.opcode == "stmatrix";
        if !form.take("m8n8") {
            return Err("the shape is not known".to_owned());
        }
        let count = form
            .take_one(&[("x1", 1), ("x2", 2), ("x4", 4)])
            .ok_or("the number of matrices is not known")?;
        let transposed = form.take("trans");
        let space = space(form)?.unwrap_or(Space::Reg);
        if !form.take("b16") {
            return Err("only 16-bit elements are known".to_owned());
        }
        let (address_at, value_at) = if stores { (0, 1) } else { (1, 0) };
        let address = self.generic_row(instruction, address_at, space)?;
        let registers = Self::elements(self.operand(instruction, value_at)?);
        if registers.len() != count {
            return Err("the number of registers is wrong".to_owned());
        }
        let mut items = vec![
            Ref::Raw(u32::from(transposed)),
            Ref::Site,
            Ref::Raw(count as u32),
        ];
        for register in registers {
            items.push(if stores {
                self.source(register, T::U32)?
            } else {
                self.dest(register, Class::W32)?
            });
        }
        let node = Node::new(tiles::rows).a(address).ext(Ref::List);
        let node = self.with_list(node.imm(u64::from(stores)), &items);
        self.emit(node.early());
        Ok(())
    }
}

/// `m16n8k16` and the like.
fn shape(form: &mut Form<'_>) -> Option<(usize, usize, usize)> {
    form.take_next(&[
        ("m16n8k4", (16, 8, 4)),
        ("m16n8k8", (16, 8, 8)),
        ("m16n8k16", (16, 8, 16)),
        ("m16n8k32", (16, 8, 32)),
        ("m16n8k64", (16, 8, 64)),
        ("m16n8k128", (16, 8, 128)),
        ("m16n8k256", (16, 8, 256)),
        ("m8n8k128", (8, 8, 128)),
        ("m8n8k4", (8, 8, 4)),
        ("m8n8k16", (8, 8, 16)),
        ("m8n8k32", (8, 8, 32)),
        ("m16n16k16", (16, 16, 16)),
        ("m16n16k8", (16, 16, 8)),
        ("m8n32k16", (8, 32, 16)),
        ("m32n8k16", (32, 8, 16)),
    ])
}

/// As [`Plan::rounding`] has it.
fn rounding(form: &mut Form<'_>) -> u32 {
    let modes = [("rn", 0), ("rz", 1), ("rm", 2), ("rp", 3)];
    form.take_one(&modes).unwrap_or(0)
}

fn is_double(form: &Form<'_>) -> bool {
    form.has("f64")
}

fn kind(ty: Option<T>) -> Result<Kind, Refusal> {
    let ty = ty.ok_or("a type is missing")?;
    Ok(match ty {
        T::F16 => Kind::F16,
        T::Bf16 => Kind::Bf16,
        T::Tf32 => Kind::Tf32,
        T::F32 => Kind::F32,
        T::F64 => Kind::F64,
        T::S32 => Kind::S32,
        T::S8 => Kind::S8,
        T::U8 => Kind::U8,
        T::S4 => Kind::S4,
        T::U4 => Kind::U4,
        T::E4m3 => Kind::E4m3,
        T::E5m2 => Kind::E5m2,
        _ => return Err(unknown_type(ty)),
    })
}

fn class(kind: Kind) -> Class {
    if kind == Kind::F64 {
        Class::W64
    } else {
        Class::W32
    }
}

fn bits(kind: Kind) -> T {
    if kind == Kind::F64 { T::B64 } else { T::B32 }
}
