//! Threads that own connections, and the queues in front of them: the async runtime never waits for the disk.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot};

use super::checkpoint::Checkpointer;
use super::error::{Cause, file_error};
use super::feed::Feed;
use super::transaction::{Room, Transaction};
use crate::store::wait::within;
use crate::store::{StoreError, StoreErrorKind};

/// Operations that may wait; more wait in their callers, who can give up.
const QUEUE: usize = 1024;

/// What runs before each transaction: refuses when the file is not there any more.
pub(super) type Guard = Arc<dyn Fn() -> Result<(), Cause> + Send + Sync>;

/// How the operations of a lane share transactions.
#[derive(Clone)]
pub(super) struct Mode {
    /// The statement that begins one.
    pub(super) begin: &'static str,
    /// The most operations in one.
    pub(super) batch: usize,
    /// For those that write.
    pub(super) writing: Option<Writing>,
}

/// What goes with each transaction that writes.
#[derive(Clone)]
pub(super) struct Writing {
    /// Where what is changed is told.
    pub(super) feed: Arc<Feed>,
    pub(super) checkpointer: Checkpointer,
}

/// A queue of operations for one or several threads with a connection each.
#[derive(Clone)]
pub(super) struct Lane {
    queue: mpsc::Sender<Box<dyn Job>>,
    timeout: Duration,
}

impl Lane {
    /// Starts a thread for each connection. They end when the lane is dropped, after the last operation.
    pub(super) fn start(
        name: &str,
        connections: Vec<Connection>,
        mode: &Mode,
        timeout: Duration,
        guard: &Guard,
    ) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        for connection in connections {
            let (jobs, guard, mode) = (Arc::clone(&jobs), Arc::clone(guard), mode.clone());
            let worker = std::thread::Builder::new().name(format!("twinjar-{name}"));
            worker.spawn(move || work(&connection, &jobs, &mode, &guard)).map_err(file_error)?;
        }
        Ok(Self { queue, timeout })
    }

    /// Runs an operation, together with others that wait at the same moment, in one transaction; answers after it is
    /// committed. The operation may be run more than once, and leaves nothing behind when it fails. It is not begun
    /// any more once the caller has given up.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        operation: impl FnMut(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.send(operation, false).await
    }

    /// The same, but once it is in the queue it happens, even if the caller gives up.
    pub(super) async fn insist<T: Send + 'static>(
        &self,
        operation: impl FnMut(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.send(operation, true).await
    }

    async fn send<T: Send + 'static>(
        &self,
        operation: impl FnMut(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
        insists: bool,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Operation { operation, outcome: None, reply, insists });
        let answered = async {
            let closed = || StoreError::new(StoreErrorKind::Unavailable);
            self.queue.send(job).await.map_err(|_| closed())?;
            answer.await.map_err(|_| closed())?
        };
        within(self.timeout, answered).await
    }
}

/// An operation whose caller waits.
trait Job: Send {
    fn run(&mut self, transaction: &Transaction<'_>) -> rusqlite::Result<()>;
    fn is_given_up(&self) -> bool;
    fn succeed(self: Box<Self>);
    fn fail(self: Box<Self>, error: StoreError);
}

struct Operation<T, F> {
    operation: F,
    outcome: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
    insists: bool,
}

impl<T: Send, F: FnMut(&Transaction<'_>) -> rusqlite::Result<T> + Send> Job for Operation<T, F> {
    fn run(&mut self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        self.outcome = Some((self.operation)(transaction)?);
        Ok(())
    }

    fn is_given_up(&self) -> bool {
        self.reply.is_closed() && !self.insists
    }

    fn succeed(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            // A caller that has gone does not mind.
            let _ = self.reply.send(Ok(outcome));
        }
    }

    fn fail(self: Box<Self>, error: StoreError) {
        let _ = self.reply.send(Err(error));
    }
}

type Jobs = Vec<Box<dyn Job>>;

/// One thread's life.
fn work(connection: &Connection, queue: &Mutex<mpsc::Receiver<Box<dyn Job>>>, mode: &Mode, guard: &Guard) {
    loop {
        let mut jobs = {
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(first) = queue.blocking_recv() else { return };
            let more = std::iter::from_fn(|| queue.try_recv().ok());
            std::iter::once(first).chain(more).take(mode.batch).collect::<Jobs>()
        };
        // Nobody is told that it failed and finds it done later, because the queue was long.
        jobs.retain(|job| !job.is_given_up());
        match guard() {
            Err(cause) => fail_all(jobs, &cause),
            Ok(()) if jobs.is_empty() => {}
            Ok(()) => {
                process(connection, jobs, mode);
                if let Some(Writing { checkpointer, .. }) = &mode.writing {
                    checkpointer.committed(connection);
                }
            }
        }
    }
}

fn process(connection: &Connection, mut jobs: Jobs, mode: &Mode) {
    let mut ended = transaction(connection, &mut jobs, mode, Room::Enough);
    if matches!(&ended, Err(Failure::Within(error)) if is_full(error)) {
        ended = transaction(connection, &mut jobs, mode, Room::Tight);
    }
    match ended {
        Ok(()) => jobs.into_iter().for_each(Job::succeed),
        // One of them has failed, and must not take the others with it.
        Err(Failure::Within(_)) if jobs.len() > 1 => {
            for job in jobs {
                process(connection, vec![job], mode);
            }
        }
        Err(Failure::Begin(error) | Failure::Within(error)) => fail_all(jobs, &error.into()),
    }
}

enum Failure {
    Begin(rusqlite::Error),
    Within(rusqlite::Error),
}

fn transaction(connection: &Connection, jobs: &mut Jobs, mode: &Mode, room: Room) -> Result<(), Failure> {
    let transaction = Transaction::begin(connection, mode.begin, room).map_err(Failure::Begin)?;
    let run = jobs.iter_mut().try_for_each(|job| job.run(&transaction));
    let ended = run.and_then(|()| match &mode.writing {
        Some(Writing { feed, .. }) => feed.commit(&transaction),
        None => transaction.commit(),
    });
    ended.map_err(Failure::Within)
}

fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}

fn fail_all(jobs: Jobs, cause: &Cause) {
    for job in jobs {
        job.fail(cause.error());
    }
}
