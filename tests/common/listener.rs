//! A port with a thread for each connection, all ended by drop.

use std::collections::HashMap;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::in_background;

pub struct Listening {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    /// A copy of each connection that is being served.
    open: Arc<Mutex<HashMap<usize, TcpStream>>>,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
    acceptor: Option<JoinHandle<()>>,
}

impl Listening {
    /// Runs `serve` for each connection with its number, the first being 0.
    pub fn start(serve: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> Listening {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let open: Arc<Mutex<HashMap<usize, TcpStream>>> = Arc::default();
        let threads: Arc<Mutex<Vec<JoinHandle<()>>>> = Arc::default();
        let serve = Arc::new(serve);
        let acceptor = {
            let (ended, open, threads) = (ended.clone(), open.clone(), threads.clone());
            in_background(move || {
                for (number, stream) in listener.incoming().map(Result::unwrap).enumerate() {
                    if ended.load(Ordering::SeqCst) {
                        return;
                    }
                    let _ = stream.set_nodelay(true);
                    open.lock().unwrap().insert(number, stream.try_clone().unwrap());
                    let (serve, open) = (serve.clone(), open.clone());
                    threads.lock().unwrap().push(in_background(move || {
                        serve(number, stream);
                        // The connection ends with its last copy.
                        open.lock().unwrap().remove(&number);
                    }));
                }
            })
        };
        Listening { address, ended, open, threads, acceptor: Some(acceptor) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the acceptor.
        let _ = TcpStream::connect(self.address);
        let mut failed = self.acceptor.take().is_some_and(|thread| thread.join().is_err());
        for stream in self.open.lock().unwrap().values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        for thread in self.threads.lock().unwrap().drain(..) {
            failed |= thread.join().is_err();
        }
        assert!(!failed || std::thread::panicking(), "a thread of the test's server panicked");
    }
}
