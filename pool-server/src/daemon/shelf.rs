//! What a session's worker asks about images, and the answers. Where they are kept is `images`'. Read
//! [`ImageService`] first.

use std::fs::File;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use rigel_protocol::link::ImageName;

use super::images::{ImageCache, Shelf};
use crate::worker::IMAGE_BYTES_MAX;
use crate::worker::control::{Channel, ChannelError, DaemonToWorker, ImageQuestion};

/// Longest time an answer may wait for room.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// A session's images.
#[derive(Debug)]
pub(crate) struct ImageService {
    cache: Arc<ImageCache>,
    shelf: Shelf,
    /// Where the worker puts one down, one at a time.
    room: Option<(ImageName, File)>,
}

impl ImageService {
    /// On the shelf of a session.
    pub(crate) fn new(cache: &Arc<ImageCache>, shelf: Shelf) -> Self {
        Self {
            cache: Arc::clone(cache),
            shelf,
            room: None,
        }
    }

    /// Where its images are.
    pub(crate) fn shelf(&self) -> Shelf {
        self.shelf
    }

    /// Answers a question. A failure here costs a transfer, and nothing else.
    pub(crate) fn answer(
        &mut self,
        channel: &Channel,
        question: ImageQuestion,
    ) -> Result<(), ChannelError> {
        let (ask, file) = match question {
            ImageQuestion::Find { ask, name, bytes } => {
                (ask, self.cache.find(self.shelf, name, bytes))
            }
            ImageQuestion::Room { ask, name, bytes } => {
                self.room = match self.cache.would_keep(bytes) && bytes <= IMAGE_BYTES_MAX {
                    true => room(bytes).ok().map(|file| (name, file)),
                    false => None,
                };
                let copy = self.room.as_ref().map(|(_, file)| file.try_clone());
                (ask, copy.and_then(Result::ok))
            }
            ImageQuestion::Written { name } => {
                if let Some((_, file)) = self.room.take().filter(|(of, _)| *of == name) {
                    self.cache.keep(self.shelf, name, &file);
                }
                return Ok(());
            }
        };
        let file = file.as_ref().map(AsFd::as_fd);
        channel.send(
            &DaemonToWorker::Image { ask },
            file.as_slice(),
            ANSWER_WITHIN,
        )
    }
}

/// Memory for an image, of a size that can no longer change.
fn room(bytes: u64) -> std::io::Result<File> {
    let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
    let file = File::from(memfd_create(c"rigel-image", flags)?);
    file.set_len(bytes)?;
    let seals = SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SEAL;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    struct Desk {
        service: ImageService,
        daemon: Channel,
        worker: Channel,
        _folder: tempfile::TempDir,
    }

    fn desk(bytes_max: u64) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let cache = ImageCache::open(folder.path().join("images"), bytes_max, false);
        let shelf = cache.shelf("lease", false, None);
        let (daemon, worker) = Channel::pair().unwrap();
        Desk {
            service: ImageService::new(&Arc::new(cache), shelf),
            daemon,
            worker,
            _folder: folder,
        }
    }

    impl Desk {
        fn ask(&mut self, question: ImageQuestion) -> Option<File> {
            self.service.answer(&self.daemon, question).unwrap();
            let (answer, mut files) = self.worker.receive::<DaemonToWorker>(SOON).unwrap();
            assert_eq!(answer, DaemonToWorker::Image { ask: 3 });
            files.pop().map(File::from)
        }

        fn find(&mut self, name: ImageName, bytes: u64) -> Option<File> {
            self.ask(ImageQuestion::Find {
                ask: 3,
                name,
                bytes,
            })
        }

        fn put(&mut self, name: ImageName, bytes: &[u8]) {
            let len = bytes.len() as u64;
            let room = self.ask(ImageQuestion::Room {
                ask: 3,
                name,
                bytes: len,
            });
            room.unwrap().write_all_at(bytes, 0).unwrap();
            let written = ImageQuestion::Written { name };
            self.service.answer(&self.daemon, written).unwrap();
        }
    }

    #[test]
    fn image_that_was_put_down_is_found() {
        let mut desk = desk(100);
        let name = ImageName::of(b"kernel");
        assert!(desk.find(name, 6).is_none());
        desk.put(name, b"kernel");
        let found = desk.find(name, 6).unwrap();
        assert!(found.write_at(b"x", 0).is_err(), "a worker may not write");
    }

    #[test]
    fn image_of_another_content_is_not_kept() {
        let mut desk = desk(100);
        let name = ImageName::of(b"kernel");
        desk.put(name, b"poison");
        assert!(desk.find(name, 6).is_none());
        // Nor one that nobody made room for.
        let written = ImageQuestion::Written { name };
        desk.service.answer(&desk.daemon, written).unwrap();
    }

    #[test]
    fn no_room_is_made_for_what_would_not_be_kept() {
        let mut desk = desk(100);
        let name = ImageName::of(b"a");
        for bytes in [0, 101, u64::MAX] {
            let room = desk.ask(ImageQuestion::Room {
                ask: 3,
                name,
                bytes,
            });
            assert!(room.is_none(), "{bytes}");
        }
    }
}
