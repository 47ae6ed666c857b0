//! The images that sessions have loaded, kept on disk by the hash of their bytes, so that the next process
//! that loads one need not send it. It never looks into an image. Read [`ImageCache`] first.
//!
//! 1. An image lies on a *shelf*, and only sessions of that shelf find it: one for each lease, and one for
//!    each token of a lease whose instances go from tenant to tenant. So no tenant can learn what another
//!    has loaded, or leave something for it (decision 0340). One shelf for all is an explicit setting.
//! 2. A file is believed after its bytes have been hashed by this daemon, and hashed again whenever the
//!    file has changed since. What does not fit its name is removed.
//! 3. A file appears under its name whole, by renaming. All files together hold no more than the limit: who
//!    holds most loses first, what was used least recently.
//! 4. Nothing here is needed: whatever fails, the client sends its image.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rigel_protocol::link::ImageName;
use rigel_protocol::link::image::ImageHasher;
use serde::{Deserialize, Serialize};

/// Most bytes on disk unless told otherwise.
pub(crate) const BYTES_DEFAULT: u64 = 4 << 30;
/// Most images that are kept.
const IMAGES_MAX: usize = 1 << 16;
/// Images that are being written at once; more are not kept.
const WRITERS_MAX: usize = 4;
/// Bytes that are read at a time.
const PIECE_BYTES: usize = 1 << 20;
/// With what the name of a file begins that is not complete.
const UNFINISHED: &str = ".new-";

/// Who finds an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Shelf(ImageName);

/// All images of a server.
#[derive(Debug)]
pub(crate) struct ImageCache {
    folder: PathBuf,
    bytes_max: u64,
    shared: bool,
    index: Mutex<Index>,
    writers: AtomicUsize,
    unfinished: AtomicU64,
    /// It was said that something cannot be kept.
    told: AtomicBool,
}

#[derive(Debug, Default)]
struct Index {
    kept: BTreeMap<(Shelf, ImageName), Kept>,
    bytes: u64,
    /// Counts uses.
    clock: u64,
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    bytes: u64,
    used: u64,
    /// The file whose bytes were seen to fit the name.
    checked: Option<Stamp>,
}

/// What changes when a file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    changed: (i64, i64),
}

impl Shelf {
    /// The shelf of a lease, or of a token.
    pub(crate) fn of(kind: &str, whose: &str) -> Self {
        Self(ImageName::of(format!("{kind} {whose}").as_bytes()))
    }
}

impl ImageCache {
    /// Opens the cache in a folder, with what an earlier daemon has left there. No bytes: nothing is kept.
    pub(crate) fn open(folder: PathBuf, bytes_max: u64, shared: bool) -> Self {
        let cache = Self {
            folder,
            bytes_max,
            shared,
            index: Mutex::default(),
            writers: AtomicUsize::new(0),
            unfinished: AtomicU64::new(0),
            told: AtomicBool::new(false),
        };
        if let Err(error) = cache.take_stock() {
            let folder = cache.folder.display();
            tracing::warn!(%folder, %error, "images kept earlier cannot be read");
        }
        cache
    }

    /// The shelf of a session: of its lease, or of its token where the lease goes from tenant to tenant.
    pub(crate) fn shelf(&self, lease: &str, is_instance: bool, token: Option<&str>) -> Shelf {
        match (self.shared, is_instance, token) {
            (true, ..) => Shelf::of("all", ""),
            (false, true, Some(token)) => Shelf::of("token", token),
            _ => Shelf::of("lease", lease),
        }
    }

    /// An image, if it is here and sound.
    pub(crate) fn find(&self, shelf: Shelf, name: ImageName, bytes: u64) -> Option<File> {
        let key = (shelf, name);
        let kept = *self.lock().kept.get(&key)?;
        if kept.bytes != bytes {
            return None;
        }
        let path = self.path(shelf, name);
        match open_checked(&path, name, kept) {
            Ok(file) => {
                self.used(key, &file);
                Some(file)
            }
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "kept image is unsound, removed");
                self.remove(&mut self.lock(), key);
                None
            }
        }
    }

    /// Keeps an image whose bytes are in `source`, unless it is here already.
    pub(crate) fn keep(&self, shelf: Shelf, name: ImageName, source: &File) {
        if self.writers.fetch_add(1, Ordering::Relaxed) < WRITERS_MAX
            && let Err(error) = self.write(shelf, name, source)
        {
            // A full disk is no news the second time.
            match self.told.swap(true, Ordering::Relaxed) {
                false => tracing::warn!(%error, "an image cannot be kept"),
                true => tracing::debug!(%error, "an image cannot be kept"),
            }
        }
        self.writers.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether an image of this size would be kept.
    pub(crate) fn would_keep(&self, bytes: u64) -> bool {
        (1..=self.bytes_max).contains(&bytes)
    }

    /// How many images are kept, and how many bytes they have.
    #[cfg(test)]
    fn held(&self) -> (usize, u64) {
        let index = self.lock();
        (index.kept.len(), index.bytes)
    }

    fn write(&self, shelf: Shelf, name: ImageName, source: &File) -> io::Result<()> {
        let bytes = source.metadata()?.len();
        if !self.would_keep(bytes) || self.lock().kept.contains_key(&(shelf, name)) {
            return Ok(());
        }
        make_folder(&self.shelf_folder(shelf))?;
        let number = self.unfinished.fetch_add(1, Ordering::Relaxed);
        let unfinished = self
            .shelf_folder(shelf)
            .join(format!("{UNFINISHED}{number}"));
        let written = self.copy(source, &unfinished, bytes, name);
        let kept = written.and_then(|()| {
            let mut index = self.lock();
            self.make_room(&mut index, bytes);
            fs::rename(&unfinished, self.path(shelf, name))?;
            index.insert((shelf, name), bytes);
            Ok(())
        });
        if kept.is_err() {
            // What is left of it is of no use.
            let _ = fs::remove_file(&unfinished);
        }
        kept
    }

    /// Copies an image to disk, if its bytes fit its name. They may change meanwhile: what is hashed is what
    /// is written.
    fn copy(&self, source: &File, to: &Path, bytes: u64, name: ImageName) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(to)?;
        let mut hasher = ImageHasher::default();
        let mut piece = vec![0; PIECE_BYTES];
        let mut at = 0;
        while at < bytes {
            let len = piece.len().min((bytes - at) as usize);
            source.read_exact_at(&mut piece[..len], at)?;
            hasher.update(&piece[..len]);
            file.write_all(&piece[..len])?;
            at += len as u64;
        }
        match hasher.finish() == name {
            true => Ok(()),
            false => Err(io::Error::other("its bytes do not fit its name")),
        }
    }

    /// Makes room for an image.
    fn make_room(&self, index: &mut Index, bytes: u64) {
        while index.bytes + bytes > self.bytes_max || index.kept.len() >= IMAGES_MAX {
            let Some(key) = index.next_to_go() else {
                return;
            };
            self.remove(index, key);
        }
    }

    fn remove(&self, index: &mut Index, key: (Shelf, ImageName)) {
        if let Some(kept) = index.kept.remove(&key) {
            index.bytes -= kept.bytes;
            // It may have been removed by somebody else; it is not counted any more either way.
            let _ = fs::remove_file(self.path(key.0, key.1));
        }
    }

    /// Notes that an image was used and found sound, for this daemon and those to come.
    fn used(&self, key: (Shelf, ImageName), file: &File) {
        // Setting the time changes the stamp. A file system that is read-only forgets the order of uses.
        let _ = file.set_modified(SystemTime::now());
        let checked = file.metadata().ok().map(|found| Stamp::of(&found));
        let mut index = self.lock();
        index.clock += 1;
        let used = index.clock;
        if let Some(kept) = index.kept.get_mut(&key) {
            (kept.used, kept.checked) = (used, checked);
        }
    }

    /// Finds what an earlier daemon has left. What is no image of ours goes.
    fn take_stock(&self) -> io::Result<()> {
        make_folder(&self.folder)?;
        let mut found = Vec::new();
        for shelf in fs::read_dir(&self.folder)? {
            let shelf = shelf?;
            let Some(name) = shelf.file_name().to_str().and_then(ImageName::from_hex) else {
                continue;
            };
            for file in fs::read_dir(shelf.path())? {
                let file = file?;
                let metadata = file.metadata()?;
                let image = file.file_name().to_str().and_then(ImageName::from_hex);
                match image.filter(|_| metadata.is_file()) {
                    Some(image) => {
                        found.push((metadata.modified()?, (Shelf(name), image), metadata.len()))
                    }
                    None => drop(fs::remove_file(file.path())),
                }
            }
        }
        found.sort_by_key(|(modified, ..)| modified.duration_since(UNIX_EPOCH).unwrap_or_default());
        let mut index = self.lock();
        for (_, key, bytes) in found {
            index.insert(key, bytes);
        }
        // The limit may have been lowered.
        self.make_room(&mut index, 0);
        Ok(())
    }

    fn shelf_folder(&self, shelf: Shelf) -> PathBuf {
        self.folder.join(shelf.0.to_hex())
    }

    fn path(&self, shelf: Shelf, name: ImageName) -> PathBuf {
        self.shelf_folder(shelf).join(name.to_hex())
    }

    fn lock(&self) -> MutexGuard<'_, Index> {
        // Files that the index does not know of are taken stock of by the next daemon.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Index {
    fn insert(&mut self, key: (Shelf, ImageName), bytes: u64) {
        self.clock += 1;
        let kept = Kept {
            bytes,
            used: self.clock,
            checked: None,
        };
        let before = self.kept.insert(key, kept).map_or(0, |kept| kept.bytes);
        self.bytes = self.bytes - before + bytes;
    }

    /// What was used least recently on the shelf that holds most.
    fn next_to_go(&self) -> Option<(Shelf, ImageName)> {
        let mut by_shelf = BTreeMap::<Shelf, u64>::new();
        for ((shelf, _), kept) in &self.kept {
            *by_shelf.entry(*shelf).or_default() += kept.bytes;
        }
        let (fullest, _) = by_shelf.into_iter().max_by_key(|(_, bytes)| *bytes)?;
        let on_it = self.kept.iter().filter(|((shelf, _), _)| *shelf == fullest);
        on_it.min_by_key(|(_, kept)| kept.used).map(|(key, _)| *key)
    }
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        Self {
            inode: metadata.ino(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Opens an image, and hashes it unless that was done since it last changed.
fn open_checked(path: &Path, name: ImageName, kept: Kept) -> io::Result<File> {
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NOFOLLOW)
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() != kept.bytes {
        return Err(io::Error::other("it has not the length it had"));
    }
    if kept.checked == Some(Stamp::of(&metadata)) {
        return Ok(file);
    }
    let mut hasher = ImageHasher::default();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match file.read(&mut piece)? {
            0 => break,
            len => hasher.update(&piece[..len]),
        }
    }
    match hasher.finish() == name {
        true => Ok(file),
        false => Err(io::Error::other("its bytes do not fit its name")),
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(folder: &Path, bytes_max: u64) -> ImageCache {
        ImageCache::open(folder.join("images"), bytes_max, false)
    }

    fn source(bytes: &[u8]) -> (ImageName, File) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        (ImageName::of(bytes), file)
    }

    fn keep(cache: &ImageCache, shelf: Shelf, bytes: &[u8]) -> ImageName {
        let (name, file) = source(bytes);
        cache.keep(shelf, name, &file);
        name
    }

    #[test]
    fn image_kept_is_found_by_the_same_lease_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 100);
        let (one, two) = (
            cache.shelf("one", false, Some("t1")),
            cache.shelf("two", false, None),
        );
        let name = keep(&cache, one, b"kernel");
        assert_eq!(one, cache.shelf("one", false, Some("t2")));
        assert!(cache.find(one, name, 6).is_some());
        assert!(cache.find(two, name, 6).is_none());
        assert!(cache.find(one, name, 7).is_none());
    }

    #[test]
    fn instance_of_a_lease_shares_nothing_with_its_next_tenant() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 100);
        let first = cache.shelf("8g.1", true, Some("t1"));
        let name = keep(&cache, first, b"kernel");
        let next = cache.shelf("8g.1", true, Some("t2"));
        assert!(cache.find(next, name, 6).is_none());
    }

    #[test]
    fn one_shelf_for_all_is_a_setting() {
        let folder = tempfile::tempdir().unwrap();
        let cache = ImageCache::open(folder.path().join("images"), 100, true);
        let name = keep(&cache, cache.shelf("one", false, None), b"kernel");
        let other = cache.shelf("two", true, Some("t"));
        assert!(cache.find(other, name, 6).is_some());
    }

    #[test]
    fn bytes_that_do_not_fit_their_name_are_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 100);
        let shelf = cache.shelf("one", false, None);
        let name = ImageName::of(b"another");
        cache.keep(shelf, name, &source(b"kernel").1);
        assert!(cache.find(shelf, name, 6).is_none());
        assert_eq!(cache.held(), (0, 0));
        let left = fs::read_dir(cache.shelf_folder(shelf)).unwrap().count();
        assert_eq!(left, 0);
    }

    #[test]
    fn images_survive_the_daemon_in_the_order_of_their_use() {
        let folder = tempfile::tempdir().unwrap();
        let before = cache(folder.path(), 100);
        let shelf = before.shelf("one", false, None);
        let names = [b"first!", b"second", b"third!"].map(|bytes| keep(&before, shelf, bytes));
        let old = before.find(shelf, names[0], 6).unwrap();
        let soon = SystemTime::now() + std::time::Duration::from_secs(5);
        old.set_modified(soon).unwrap();
        drop(before);
        fs::write(folder.path().join("images").join("stray"), "").unwrap();
        let after = cache(folder.path(), 6);
        assert_eq!(after.held(), (1, 6));
        assert!(after.find(shelf, names[0], 6).is_some());
    }

    #[test]
    fn corrupt_or_truncated_image_is_removed() {
        for damage in [&b"kermel"[..], b"kern", b""] {
            let folder = tempfile::tempdir().unwrap();
            let cache = cache(folder.path(), 100);
            let shelf = cache.shelf("one", false, None);
            let name = keep(&cache, shelf, b"kernel");
            assert!(cache.find(shelf, name, 6).is_some());
            fs::write(cache.path(shelf, name), damage).unwrap();
            assert!(cache.find(shelf, name, 6).is_none());
            assert_eq!(cache.held(), (0, 0));
            // It is kept anew.
            keep(&cache, shelf, b"kernel");
            assert!(cache.find(shelf, name, 6).is_some());
        }
    }

    #[test]
    fn cache_that_is_full_drops_the_oldest_of_whom_holds_most() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 10);
        let (small, large) = (
            cache.shelf("small", false, None),
            cache.shelf("large", false, None),
        );
        let kept = keep(&cache, small, b"ab");
        let dropped = keep(&cache, large, b"1234");
        let used = keep(&cache, large, b"567");
        keep(&cache, large, b"8901");
        assert_eq!(cache.held(), (3, 9));
        assert!(cache.find(small, kept, 2).is_some());
        assert!(cache.find(large, dropped, 4).is_none());
        assert!(cache.find(large, used, 3).is_some());
        keep(&cache, large, b"too long to be kept");
        assert_eq!(cache.held(), (3, 9));
    }

    #[test]
    fn disk_that_takes_nothing_keeps_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("images");
        fs::write(&blocked, "a file where the folder should be").unwrap();
        let cache = ImageCache::open(blocked, 100, false);
        let shelf = cache.shelf("one", false, None);
        let name = keep(&cache, shelf, b"kernel");
        assert!(cache.find(shelf, name, 6).is_none());
    }
}
