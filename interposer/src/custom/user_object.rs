//! User objects: what a program wants to keep as long as a graph may use it.
//!
//! They live here alone: no server knows of them, since their destructors are functions of this process.
//! A graph's references are those it was given and those of graphs it was made from; an executable graph
//! has its graph's. Destructors run on a thread of their own, as CUDA allows, after the work that may use
//! the object. Read [`Registry`] first.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rigel_protocol::handle::{Context, Graph, GraphExec, GraphNode, UserObject};
use rigel_protocol::{CuError, CuResult, Cx, Driver};

use crate::checks;
use crate::{current, ffi};

/// Most user objects of a process.
const OBJECTS_MAX: usize = 1 << 20;

/// Most references in one call (`INT_MAX`).
const COUNT_MAX: u32 = i32::MAX as u32;

/// `CU_USER_OBJECT_NO_DESTRUCTOR_SYNC`, which must be given.
const NO_DESTRUCTOR_SYNC: u32 = 1;

/// `CU_GRAPH_USER_OBJECT_MOVE`: the caller's references become the graph's.
const MOVE: u32 = 1;

static REGISTRY: Mutex<Registry> = Mutex::new(Registry::new());

/// The objects, and which graphs hold how many references to which.
#[derive(Debug)]
struct Registry {
    objects: BTreeMap<u64, Object>,
    /// By handle of a graph or an executable graph.
    held: BTreeMap<u64, BTreeMap<u64, u64>>,
    made: u32,
}

#[derive(Debug)]
struct Object {
    destructor: Destructor,
    /// Of callers and graphs together.
    references: u64,
}

/// A function of the program's and its argument.
#[derive(Clone, Copy, Debug)]
struct Destructor {
    function: unsafe extern "C" fn(*mut c_void),
    argument: usize,
}

/// Objects that nobody refers to any more.
struct Ended {
    destructors: Vec<Destructor>,
    /// The context whose work may still use them.
    context: Option<Context>,
}

pub(crate) unsafe fn cuUserObjectCreate(
    object_out: *mut UserObject,
    ptr: *mut c_void,
    destroy: Option<unsafe extern "C" fn(*mut c_void)>,
    initial_refcount: u32,
    flags: u32,
) -> CuResult<()> {
    ffi::check_out(object_out)?;
    ffi::enter_unbound()?;
    if flags != NO_DESTRUCTOR_SYNC {
        return Err(CuError::INVALID_VALUE);
    }
    let destructor = Destructor {
        function: destroy.ok_or(CuError::INVALID_VALUE)?,
        argument: ptr as usize,
    };
    let object = registry().create(destructor, initial_refcount)?;
    // SAFETY: the caller's out-pointer, checked above.
    unsafe { ffi::write(object_out, object) }
}

pub(crate) unsafe fn cuUserObjectRetain(object: UserObject, count: u32) -> CuResult<()> {
    ffi::enter_unbound()?;
    registry().retain(object.0, count)
}

pub(crate) unsafe fn cuUserObjectRelease(object: UserObject, count: u32) -> CuResult<()> {
    ffi::enter_unbound()?;
    let ended = registry().release(object.0, check_count(count)?)?;
    end(ended.into_iter().collect(), None);
    Ok(())
}

pub(crate) unsafe fn cuGraphRetainUserObject(
    graph: Graph,
    object: UserObject,
    count: u32,
    flags: u32,
) -> CuResult<()> {
    ffi::enter_unbound()?;
    if graph.index().is_none() || flags & !MOVE != 0 {
        return Err(CuError::INVALID_VALUE);
    }
    registry().hold(graph.0, object.0, count, flags & MOVE != 0)
}

pub(crate) unsafe fn cuGraphReleaseUserObject(
    graph: Graph,
    object: UserObject,
    count: u32,
) -> CuResult<()> {
    ffi::enter_unbound()?;
    let ended = registry().let_go(graph.0, object.0, count)?;
    end(ended.into_iter().collect(), None);
    Ok(())
}

pub(crate) unsafe fn cuGraphClone(ph_graph_clone: *mut Graph, original: Graph) -> CuResult<()> {
    ffi::check_out(ph_graph_clone)?;
    let (driver, cx) = ffi::enter_unbound()?;
    let clone = driver.graph_clone(cx, original)?;
    registry().inherit(original.0, clone.0);
    // SAFETY: the caller's out-pointer, checked above.
    unsafe { ffi::write(ph_graph_clone, clone) }
}

pub(crate) unsafe fn cuGraphInstantiateWithFlags(
    ph_graph_exec: *mut GraphExec,
    graph: Graph,
    flags: u64,
) -> CuResult<()> {
    ffi::check_out(ph_graph_exec)?;
    let (driver, cx) = ffi::enter_unbound()?;
    checks::graph_instantiate_with_flags(flags)?;
    let exec = instantiate(driver, cx, graph, flags)?;
    // SAFETY: the caller's out-pointer, checked above.
    unsafe { ffi::write(ph_graph_exec, exec) }
}

/// Instantiates a graph; the executable one keeps what the graph keeps.
pub(super) fn instantiate(
    driver: &dyn Driver,
    cx: Cx,
    graph: Graph,
    flags: u64,
) -> CuResult<GraphExec> {
    let exec = driver.graph_instantiate_with_flags(cx, graph, flags)?;
    registry().inherit(graph.0, exec.0);
    Ok(exec)
}

pub(crate) unsafe fn cuGraphAddChildGraphNode(
    ph_graph_node: *mut GraphNode,
    graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    child: Graph,
) -> CuResult<()> {
    ffi::check_out(ph_graph_node)?;
    // SAFETY: the caller's array of that many nodes.
    let needs = unsafe { ffi::slice(dependencies, num_dependencies) }?;
    let (driver, cx) = ffi::enter_unbound()?;
    let node = add_child(driver, cx, graph, needs, child)?;
    // SAFETY: the caller's out-pointer, checked above.
    unsafe { ffi::write(ph_graph_node, node) }
}

/// Adds a copy of a graph as a node; the graph keeps what the child keeps.
pub(super) fn add_child(
    driver: &dyn Driver,
    cx: Cx,
    graph: Graph,
    needs: &[GraphNode],
    child: Graph,
) -> CuResult<GraphNode> {
    let node = driver.graph_add_child_graph_node(cx, graph, needs, child)?;
    registry().inherit(child.0, graph.0);
    Ok(node)
}

pub(crate) unsafe fn cuGraphDestroy(graph: Graph) -> CuResult<()> {
    let (driver, cx) = ffi::enter_unbound()?;
    driver.graph_destroy(cx, graph)?;
    let ended = registry().end_of(graph.0);
    end(ended, None);
    Ok(())
}

pub(crate) unsafe fn cuGraphExecDestroy(exec: GraphExec) -> CuResult<()> {
    let (driver, cx) = ffi::enter_unbound()?;
    driver.graph_exec_destroy(cx, exec)?;
    let ended = registry().end_of(exec.0);
    end(ended, Some(cx.context));
    Ok(())
}

fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

fn check_count(count: u32) -> CuResult<u64> {
    if count == 0 || count > COUNT_MAX {
        return Err(CuError::INVALID_VALUE);
    }
    Ok(count.into())
}

impl Registry {
    const fn new() -> Self {
        Self {
            objects: BTreeMap::new(),
            held: BTreeMap::new(),
            made: 0,
        }
    }

    fn create(&mut self, destructor: Destructor, count: u32) -> CuResult<UserObject> {
        let references = check_count(count)?;
        if self.objects.len() >= OBJECTS_MAX {
            return Err(CuError::OUT_OF_MEMORY);
        }
        self.made = self.made.checked_add(1).ok_or(CuError::OUT_OF_MEMORY)?;
        let object = UserObject::mint(self.made);
        let entry = Object {
            destructor,
            references,
        };
        self.objects.insert(object.0, entry);
        Ok(object)
    }

    fn retain(&mut self, object: u64, count: u32) -> CuResult<()> {
        let count = check_count(count)?;
        let object = self
            .objects
            .get_mut(&object)
            .ok_or(CuError::INVALID_VALUE)?;
        object.references += count;
        Ok(())
    }

    /// Takes references away; the destructor, if none is left.
    fn release(&mut self, object: u64, count: u64) -> CuResult<Option<Destructor>> {
        let found = self
            .objects
            .get_mut(&object)
            .ok_or(CuError::INVALID_VALUE)?;
        let left = found.references.checked_sub(count);
        found.references = left.ok_or(CuError::INVALID_VALUE)?;
        if found.references > 0 {
            return Ok(None);
        }
        Ok(self.objects.remove(&object).map(|gone| gone.destructor))
    }

    /// Gives a graph references: new ones, or the caller's.
    fn hold(&mut self, graph: u64, object: u64, count: u32, moved: bool) -> CuResult<()> {
        if moved {
            let found = self.objects.get(&object).ok_or(CuError::INVALID_VALUE)?;
            let held: u64 = self.held.values().filter_map(|of| of.get(&object)).sum();
            if found.references.saturating_sub(held) < check_count(count)? {
                return Err(CuError::INVALID_VALUE);
            }
        } else {
            self.retain(object, count)?;
        }
        let held = self.held.entry(graph).or_default();
        *held.entry(object).or_default() += u64::from(count);
        Ok(())
    }

    /// Takes references from a graph.
    fn let_go(&mut self, graph: u64, object: u64, count: u32) -> CuResult<Option<Destructor>> {
        let count = check_count(count)?;
        let held = self.held.get_mut(&graph).ok_or(CuError::INVALID_VALUE)?;
        let left = held.get(&object).and_then(|held| held.checked_sub(count));
        match left.ok_or(CuError::INVALID_VALUE)? {
            0 => held.remove(&object),
            left => held.insert(object, left),
        };
        self.release(object, count)
    }

    /// A graph made from another holds the same.
    fn inherit(&mut self, from: u64, to: u64) {
        let Some(held) = self.held.get(&from).cloned() else {
            return;
        };
        for (object, count) in &held {
            if let Some(object) = self.objects.get_mut(object) {
                object.references += count;
            }
        }
        let inherited = self.held.entry(to).or_default();
        for (object, count) in held {
            *inherited.entry(object).or_default() += count;
        }
    }

    /// What a graph that is destroyed held and nobody else does.
    fn end_of(&mut self, graph: u64) -> Vec<Destructor> {
        let held = self.held.remove(&graph).unwrap_or_default();
        let ended = held
            .into_iter()
            .map(|(object, count)| self.release(object, count));
        ended.filter_map(|ended| ended.ok().flatten()).collect()
    }
}

/// Hands destructors to the thread that runs them, which waits for a context's work first.
fn end(destructors: Vec<Destructor>, context: Option<Context>) {
    static REAPER: OnceLock<Option<Sender<Ended>>> = OnceLock::new();
    if destructors.is_empty() {
        return;
    }
    let sender = REAPER.get_or_init(|| {
        let (sender, receiver) = channel::<Ended>();
        let thread = std::thread::Builder::new().name("rigel-objects".to_owned());
        let started = thread.spawn(move || receiver.iter().for_each(Ended::run));
        started.is_ok().then_some(sender)
    });
    let ended = Ended {
        destructors,
        context,
    };
    match sender {
        Some(sender) => {
            // The thread lives as long as the process.
            let _ = sender.send(ended);
        }
        None => ended.run(),
    }
}

impl Ended {
    fn run(self) {
        if let Some(context) = self.context.filter(|context| !context.is_none())
            && let Ok(driver) = crate::install::driver()
        {
            let cx = Cx {
                context,
                ..current::cx()
            };
            // A context that is gone or broken uses nothing any more.
            let _ = driver.ctx_synchronize(cx);
        }
        for destructor in self.destructors {
            // SAFETY: the program gave this function, to be called once with its argument when nobody
            // refers to the object any more.
            unsafe { (destructor.function)(destructor.argument as *mut c_void) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAPH: u64 = Graph::mint(1).0;
    const EXEC: u64 = GraphExec::mint(1).0;

    unsafe extern "C" fn nothing(_: *mut c_void) {}

    fn destructor(argument: usize) -> Destructor {
        Destructor {
            function: nothing,
            argument,
        }
    }

    /// What the destructor of an ended object was to be called with.
    fn argument(ended: CuResult<Option<Destructor>>) -> CuResult<Option<usize>> {
        ended.map(|ended| ended.map(|destructor| destructor.argument))
    }

    #[test]
    fn object_ends_with_its_last_reference() {
        let mut all = Registry::new();
        let object = all.create(destructor(7), 2).unwrap().0;
        all.retain(object, 1).unwrap();
        assert_eq!(argument(all.release(object, 2)), Ok(None));
        let invalid = Err(CuError::INVALID_VALUE);
        assert_eq!(argument(all.release(object, 2)), invalid);
        assert_eq!(argument(all.release(object, 1)), Ok(Some(7)));
        assert_eq!(argument(all.release(object, 1)), invalid);
    }

    #[test]
    fn executable_graph_keeps_what_its_graph_kept() {
        let mut all = Registry::new();
        let object = all.create(destructor(7), 1).unwrap().0;
        all.hold(GRAPH, object, 1, true).unwrap();
        all.inherit(GRAPH, EXEC);
        assert!(all.end_of(GRAPH).is_empty());
        assert_eq!(all.end_of(EXEC)[0].argument, 7);
        assert!(all.objects.is_empty() && all.held.is_empty());
    }

    #[test]
    fn references_that_the_caller_has_not_cannot_be_moved() {
        let mut all = Registry::new();
        let object = all.create(destructor(7), 1).unwrap().0;
        all.hold(GRAPH, object, 1, true).unwrap();
        let again = all.hold(GRAPH, object, 1, true);
        assert_eq!(again, Err(CuError::INVALID_VALUE));
        all.hold(GRAPH, object, 3, false).unwrap();
        assert!(all.let_go(GRAPH, object, 5).is_err());
        assert_eq!(argument(all.let_go(GRAPH, object, 4)), Ok(Some(7)));
    }

    #[test]
    fn counts_beyond_int_max_are_refused() {
        let mut all = Registry::new();
        for count in [0, COUNT_MAX + 1] {
            assert_eq!(
                all.create(destructor(7), count),
                Err(CuError::INVALID_VALUE)
            );
        }
    }
}
