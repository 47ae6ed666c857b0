//! Images that the daemon keeps: found by name, or put down to be kept. The worker sees no files but those
//! it is handed. Read [`ImageDesk`] first.
//!
//! 1. A question is answered within [`ANSWER_WITHIN`], or the answer is that the image is not there. An
//!    answer that comes later is known by its number, and dropped.
//! 2. What the daemon hands over it has hashed, and only it can write there.
#![expect(unsafe_code, reason = "maps images that the daemon keeps")]

use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use rigel_protocol::link::ImageName;

use super::control::{Channel, ImageQuestion, WorkerToDaemon};
use super::upload::Chunk;

/// Longest wait for the daemon, which may have to hash the image.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// A session's way to the images that the daemon keeps.
#[derive(Debug, Default)]
pub(super) struct ImageDesk {
    /// Without one nothing is kept.
    channel: Option<Channel>,
    asked: AtomicU64,
    answer: Mutex<Option<(u64, Option<OwnedFd>)>>,
    came: Condvar,
}

/// Bytes of an image.
#[derive(Debug)]
pub(super) enum Image {
    /// Gathered here.
    Own(Vec<u8>),
    /// The daemon's.
    Kept(Mapped),
}

/// Where an image is put down.
#[derive(Debug)]
pub(super) struct Room {
    name: ImageName,
    bytes: u64,
    file: File,
    failed: Option<io::Error>,
    /// Bytes leave the ring, which the client can write, before they are put down.
    piece: Vec<u8>,
}

impl ImageDesk {
    /// Asks over this channel.
    pub(super) fn new(channel: Option<Channel>) -> Self {
        Self {
            channel,
            ..Self::default()
        }
    }

    /// An image, if the daemon keeps it.
    pub(super) fn find(&self, name: ImageName, bytes: u64) -> Option<Image> {
        let file = self.ask(|ask| ImageQuestion::Find { ask, name, bytes })?;
        mapped(&file, bytes)
    }

    /// Where an image can be put down for the daemon to keep.
    pub(super) fn room(&self, name: ImageName, bytes: u64) -> Option<Room> {
        let file = self.ask(|ask| ImageQuestion::Room { ask, name, bytes })?;
        Some(Room {
            name,
            bytes,
            file,
            failed: None,
            piece: Vec::new(),
        })
    }

    /// Tells the daemon that the image is whole, and gives it back to be used.
    pub(super) fn keep(&self, room: Room) -> Option<Image> {
        if let Some(error) = room.failed {
            tracing::warn!(%error, "an image could not be put down");
            return None;
        }
        let image = mapped(&room.file, room.bytes)?;
        let written = ImageQuestion::Written { name: room.name };
        if let Some(channel) = &self.channel {
            // Unsaid, it is not kept.
            let _ = channel.send(&WorkerToDaemon::Image(written), &[], ANSWER_WITHIN);
        }
        Some(image)
    }

    /// Takes an answer of the daemon's.
    pub(super) fn answered(&self, ask: u64, file: Option<OwnedFd>) {
        *self.lock() = Some((ask, file));
        self.came.notify_all();
    }

    fn ask(&self, question: impl FnOnce(u64) -> ImageQuestion) -> Option<File> {
        let channel = self.channel.as_ref()?;
        let ask = self.asked.fetch_add(1, Ordering::Relaxed);
        let message = WorkerToDaemon::Image(question(ask));
        channel.send(&message, &[], ANSWER_WITHIN).ok()?;
        let missing =
            |answer: &mut Option<(u64, _)>| !matches!(answer, Some((of, _)) if *of == ask);
        let waited = self
            .came
            .wait_timeout_while(self.lock(), ANSWER_WITHIN, missing);
        let (mut answer, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            tracing::warn!("the daemon does not answer about an image");
            return None;
        }
        answer.take().and_then(|(_, file)| file).map(File::from)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(u64, Option<OwnedFd>)>> {
        // An answer is written in one step.
        self.answer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room {
    /// Puts a part down.
    pub(super) fn put(&mut self, offset: u64, chunk: &Chunk<'_>) {
        self.piece.clear();
        chunk.append_to(&mut self.piece);
        if self.failed.is_none() {
            self.failed = self.file.write_all_at(&self.piece, offset).err();
        }
    }
}

impl Deref for Image {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Kept(mapped) => mapped.bytes(),
        }
    }
}

/// A file in memory, for reading; unmapped on drop.
#[derive(Debug)]
pub(super) struct Mapped {
    base: NonNull<u8>,
    bytes: NonZeroUsize,
}

// SAFETY: the mapping belongs to no thread, and is only read.
unsafe impl Send for Mapped {}
// SAFETY: as above.
unsafe impl Sync for Mapped {}

impl Mapped {
    fn bytes(&self) -> &[u8] {
        // SAFETY: the mapping has so many bytes and lives as long as `self`. The file is written by nobody
        // any more: the daemon renames files over it, and this worker has put its own down already.
        unsafe { std::slice::from_raw_parts(self.base.as_ptr(), self.bytes.get()) }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: mapped by `mapped`, and nothing borrows from it any more.
        let _ = unsafe { munmap(self.base.cast(), self.bytes.get()) };
    }
}

/// Maps an image of exactly so many bytes.
fn mapped(file: &File, bytes: u64) -> Option<Image> {
    let len = NonZeroUsize::new(usize::try_from(bytes).ok()?)?;
    if file.metadata().ok()?.len() != bytes {
        tracing::warn!("the daemon's image has not the length that was asked for");
        return None;
    }
    let flags = MapFlags::MAP_SHARED | MapFlags::MAP_POPULATE;
    // SAFETY: a fresh mapping at an address of the kernel's choice; the file has `len` bytes.
    let base = unsafe { mmap(None, len, ProtFlags::PROT_READ, flags, file, 0) };
    let base = base.ok()?.cast();
    Some(Image::Kept(Mapped { base, bytes: len }))
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::super::control::DaemonToWorker;
    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    /// A desk whose daemon answers every question by `answer`.
    fn desk(
        answer: impl Fn(u64) -> (u64, Option<File>) + Send + 'static,
    ) -> std::sync::Arc<ImageDesk> {
        let (daemon, worker) = Channel::pair().unwrap();
        let desk = std::sync::Arc::new(ImageDesk::new(Some(worker)));
        let heard = std::sync::Arc::clone(&desk);
        std::thread::spawn(move || {
            while let Ok((WorkerToDaemon::Image(question), _)) = daemon.receive(SOON) {
                if let ImageQuestion::Find { ask, .. } | ImageQuestion::Room { ask, .. } = question
                {
                    let (ask, file) = answer(ask);
                    heard.answered(ask, file.map(OwnedFd::from));
                }
            }
        });
        desk
    }

    fn file(bytes: &[u8]) -> File {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(bytes, 0).unwrap();
        file
    }

    #[test]
    fn image_found_is_mapped_as_it_is() {
        let desk = desk(|ask| (ask, Some(file(b"kernel"))));
        let found = desk.find(ImageName::of(b"kernel"), 6).unwrap();
        assert_eq!(&*found, b"kernel");
        assert!(desk.find(ImageName::of(b"kernel"), 7).is_none());
        assert!(desk.find(ImageName::of(b"kernel"), 0).is_none());
    }

    #[test]
    fn image_put_down_is_the_one_to_use() {
        let desk = desk(|ask| (ask, Some(file(&[0; 9]))));
        let mut room = desk.room(ImageName::of(b"one two 3"), 9).unwrap();
        room.put(4, &Chunk::Parked(b"two 3"));
        room.put(0, &Chunk::Parked(b"one "));
        assert_eq!(&*desk.keep(room).unwrap(), b"one two 3");
    }

    #[test]
    fn nothing_is_found_without_a_daemon_or_its_answer() {
        assert!(ImageDesk::default().find(ImageName::of(b"a"), 1).is_none());
        let desk = desk(|ask| (ask, None));
        assert!(desk.find(ImageName::of(b"a"), 1).is_none());
    }

    #[test]
    fn answer_to_an_image_carries_its_file() {
        let (daemon, worker) = Channel::pair().unwrap();
        let sent = DaemonToWorker::Image { ask: 7 };
        daemon.send(&sent, &[file(b"x").as_fd()], SOON).unwrap();
        let (message, files) = worker.receive::<DaemonToWorker>(SOON).unwrap();
        assert_eq!((message, files.len()), (sent, 1));
    }
}
