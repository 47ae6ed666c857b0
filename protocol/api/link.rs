//! Operations of the wire that no C function names: what folds many functions into one, and what the
//! client tells the worker about itself.
//!
//! Read by `cargo xtask codegen`, never compiled. Their layouts are written by hand, in
//! `protocol/src/link.rs`.

extern "C" {
    /// A client thread has ended.
    #[call(0xf001)] #[post]
    fn threadEnd();

    /// A linear copy between places on the worker's side, or from or to a bulk transfer.
    #[call(0xf002)] #[post]
    fn copy();

    /// A linear copy whose bytes come back.
    #[call(0xf003)] #[block]
    fn copyToHost();

    /// A 2D or 3D copy.
    #[call(0xf004)] #[post]
    fn copy3d();

    /// A 2D or 3D copy whose bytes come back.
    #[call(0xf005)] #[block]
    fn copy3dToHost();

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

    /// A function attribute.
    #[call(0xf00d)] #[wait]
    fn functionSetAttribute();

    /// A primary context becomes active.
    #[call(0xf00e)] #[wait]
    fn primaryActivate();

    /// A primary context loses what it holds.
    #[call(0xf00f)] #[wait]
    fn primaryReset();

    /// A new context.
    #[call(0xf010)] #[wait]
    fn contextCreate();

    /// A context ends.
    #[call(0xf011)] #[wait]
    fn contextDestroy();

    /// A stretch of page-locked memory in an arena.
    #[call(0xf012)] #[wait]
    fn hostAlloc();

    /// Its end.
    #[call(0xf013)] #[wait]
    fn hostFree();

    /// The next part of bytes too long for one record.
    #[call(0xf014)] #[post]
    fn bulk();
}
