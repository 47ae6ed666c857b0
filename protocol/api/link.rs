//! Operations of the wire that no C function names: what folds many functions into one, and what the
//! two sides tell each other.
//!
//! Read by `cargo xtask codegen`, never compiled. Their layouts are written by hand, in
//! `protocol/src/link.rs`.

extern "C" {
    /// A client thread has ended.
    #[call(0xf001)] #[post]
    fn threadEnd();

    /// A linear copy that nobody waits for.
    #[call(0xf002)] #[post]
    fn copy();

    /// A linear copy that is answered when its bytes have landed.
    #[call(0xf003)] #[block]
    fn copyWait();

    /// A 2D or 3D copy that nobody waits for.
    #[call(0xf004)] #[post]
    fn copy3d();

    /// A 2D or 3D copy that is answered when its bytes have landed.
    #[call(0xf005)] #[block]
    fn copy3dWait();

    /// A fill.
    #[call(0xf006)] #[post]
    fn fill();

    /// A kernel launch.
    #[call(0xf007)] #[post] #[meter]
    fn launch();

    /// A host function's place in stream order.
    #[call(0xf008)] #[post]
    fn launchHost();

    /// The client's callback has returned.
    #[call(0xf009)] #[post]
    fn hostReturned();

    /// A module's image.
    #[call(0xf00a)] #[wait]
    fn moduleLoad();

    /// A library's image.
    #[call(0xf00b)] #[wait]
    fn libraryLoad();

    /// Inputs of a link.
    #[call(0xf00c)] #[wait]
    fn link();

    /// A module's function by name.
    #[call(0xf00d)] #[wait]
    fn moduleFunction();

    /// A library's kernel by name.
    #[call(0xf00e)] #[wait]
    fn libraryKernel();

    /// A kernel's function in the current context.
    #[call(0xf00f)] #[wait]
    fn kernelFunction();

    /// All functions of a module.
    #[call(0xf010)] #[wait]
    fn moduleFunctions();

    /// All kernels of a library.
    #[call(0xf011)] #[wait]
    fn libraryKernels();

    /// A function attribute.
    #[call(0xf012)] #[wait]
    fn functionSetAttribute();

    /// A primary context becomes active.
    #[call(0xf013)] #[wait]
    fn primaryActivate();

    /// A primary context loses what it holds.
    #[call(0xf014)] #[block]
    fn primaryReset();

    /// A new context.
    #[call(0xf015)] #[wait]
    fn contextCreate();

    /// A context ends.
    #[call(0xf016)] #[block]
    fn contextDestroy();

    /// An arena is mapped on the client's side: the worker maps it at the same address.
    #[call(0xf017)] #[wait]
    fn arenaMap();

    /// An arena goes; what lies in it is no longer used.
    #[call(0xf018)] #[block]
    fn arenaUnmap();

    /// A copy of page-locked memory begins on the worker's host.
    #[call(0xf019)] #[wait]
    fn mirrorMap();

    /// Its end.
    #[call(0xf01a)] #[block]
    fn mirrorUnmap();

    /// What the program has changed in such memory.
    #[call(0xf01b)] #[post]
    fn mirrorWrite();

    /// A node for a graph.
    #[call(0xf01c)] #[wait]
    fn graphAddNode();

    /// What a node does.
    #[call(0xf01d)] #[wait]
    fn graphNodeParams();

    /// What a node shall do.
    #[call(0xf01e)] #[wait]
    fn graphNodeSetParams();

    /// What a node of an executable graph shall do.
    #[call(0xf01f)] #[wait]
    fn graphExecNodeSetParams();

    /// An executable graph takes over what another graph's nodes do.
    #[call(0xf020)] #[wait]
    fn graphExecUpdate();

    /// How far a capture has come.
    #[call(0xf021)] #[wait]
    fn streamCapture();

    /// The logs of the calling thread's last load or link, which has failed.
    #[call(0xf022)] #[wait]
    fn failedLogs();

    /// A module's image by its name, with its bytes or without.
    #[call(0xf023)] #[wait]
    fn moduleLoadNamed();

    /// A library's image by its name, with its bytes or without.
    #[call(0xf024)] #[wait]
    fn libraryLoadNamed();

    /// Inputs of a link by their name, with their bytes or without.
    #[call(0xf025)] #[wait]
    fn linkNamed();

    /// The program has registered memory: pages at its addresses begin on the worker's side.
    #[call(0xf026)] #[wait]
    fn hostRegister();

    /// Their end, after what the GPU has written there.
    #[call(0xf027)] #[block]
    fn hostUnregister();

    /// A posted call has failed. From the worker.
    #[call(0xf101)] #[local]
    fn notice();

    /// A stream has reached a host function. From the worker.
    #[call(0xf102)] #[local]
    fn hostCall();

    /// What kernels have printed. From the worker.
    #[call(0xf103)] #[local]
    fn print();

    /// What the GPU has changed in memory with copies on both hosts. From the worker.
    #[call(0xf104)] #[local]
    fn mirrorChanged();

    /// What the worker shall note of the client's calls. From the worker.
    #[call(0xf105)] #[local]
    fn traceOn();

    /// The worker notes when it executes what, for a timeline of the client's.
    #[call(0xf201)] #[post]
    fn traceStart();

    /// What the worker's clock shows.
    #[call(0xf202)] #[wait]
    fn traceClock();

    /// When the client made which calls.
    #[call(0xf203)] #[post]
    fn traceEvents();
}
