//! The file as a whole: what is written is read back, and whatever happens to the file is told.

use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::block::{FULL, LARGEST};
use super::entry::LONGEST_DATA;
use super::*;
use crate::clock::Timestamp;
use crate::error::{Kind, Result};

type Owned = (i64, Hub, What, Vec<u8>);

fn header() -> Header {
    Header::new(Timestamp::from_nanos(1_795_265_190_123_456_789), "https://rtc.example/hubs/market", "")
}

fn entry((at, hub, what, data): &Owned) -> Entry<'_> {
    Entry { at: Timestamp::from_nanos(*at), hub: *hub, what: *what, data }
}

/// A file with these entries; a block ends behind each whose number is in `ends`.
fn file(entries: &[Owned], ends: &[usize]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), &header()).unwrap();
    for (number, owned) in entries.iter().enumerate() {
        writer.append(&entry(owned)).unwrap();
        if ends.contains(&number) {
            writer.flush().unwrap();
        }
    }
    writer.finish().unwrap()
}

/// The entries up to the end or the damage, and how the file ends.
fn read(file: &[u8]) -> Result<(Vec<Owned>, Result<Option<Lost>>)> {
    let mut reader = Reader::new(file)?;
    let mut entries = Vec::new();
    loop {
        match reader.next_entry() {
            Ok(Some(entry)) => {
                entries.push((entry.at.nanos(), entry.hub, entry.what, entry.data.to_vec()));
            }
            Ok(None) => return Ok((entries, Ok(reader.lost()))),
            Err(error) => return Ok((entries, Err(error))),
        }
    }
}

/// Three blocks behind the header, and where each begins and ends.
fn sample() -> (Vec<Owned>, Vec<u8>, Vec<usize>) {
    let entries: Vec<Owned> = vec![
        (1, Hub::Market, What::Opened, Vec::new()),
        (2, Hub::Market, What::Sent, b"{\"protocol\":\"json\",\"version\":1}\x1e".to_vec()),
        (3, Hub::Market, What::Received, b"{}\x1e".to_vec()),
        (4, Hub::User, What::Received, b"{\"type\":6}\x1e{\"type\":6}\x1e".to_vec()),
        (5, Hub::Market, What::Closed, b"the gateway closed the connection".to_vec()),
    ];
    let ends: Vec<usize> = [&[][..], &entries[..2], &entries[..3], &entries[..]]
        .iter()
        .map(|part| file(part, &[1, 2]).len())
        .collect();
    (entries.clone(), file(&entries, &[1, 2]), ends)
}

fn arbitrary_entry() -> impl Strategy<Value = Owned> {
    let hub = prop_oneof![Just(Hub::User), Just(Hub::Market)];
    let what = prop_oneof![Just(What::Opened), Just(What::Closed), Just(What::Received), Just(What::Sent)];
    let data = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        "[ -~\n\r\u{1e}é]{0,300}".prop_map(String::into_bytes),
    ];
    // The last two moments are one to a timestamp.
    (i64::MIN..i64::MAX, hub, what, data)
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        entries in proptest::collection::vec(arbitrary_entry(), 0..40),
        ends in proptest::collection::vec(0_usize..40, 0..10),
    ) {
        let file = file(&entries, &ends);
        let (found, end) = read(&file).unwrap();
        prop_assert_eq!(found, entries);
        prop_assert_eq!(end.unwrap(), None);
        let reader = Reader::new(&file[..]).unwrap();
        prop_assert_eq!(reader.header(), &header());
    }

    #[test]
    fn foreign_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        prop_assert_eq!(Reader::new(&bytes[..]).unwrap_err().kind(), Kind::File);
    }
}

#[test]
fn a_torn_file_gives_everything_up_to_the_last_whole_block() {
    let (entries, file, ends) = sample();
    for length in 0..file.len() {
        let torn = &file[..length];
        let Some(last) = ends.iter().rposition(|end| *end <= length) else {
            let error = read(torn).unwrap_err();
            let expected = if length == 0 { "is empty" } else { "ends within its first block" };
            assert!(error.message().contains(expected), "{length}: {error}");
            continue;
        };
        let (found, end) = read(torn).unwrap();
        assert_eq!(found, entries[..[0, 2, 3, 5][last]], "{length}");
        let (offset, bytes) = (ends[last] as u64, (length - ends[last]) as u64);
        assert_eq!(end.unwrap(), (bytes > 0).then_some(Lost { offset, bytes }), "{length}");
    }
}

#[test]
fn a_flipped_bit_is_found_and_its_block_is_named() {
    let (entries, file, ends) = sample();
    for place in 0..file.len() {
        // Where the block with this byte begins, and how many entries stand before it.
        let block = ends.iter().position(|end| place < *end).unwrap();
        for bit in 0..8 {
            let mut file = file.clone();
            file[place] ^= 1 << bit;
            if block == 0 {
                assert_eq!(read(&file).unwrap_err().kind(), Kind::File, "{place}.{bit}");
                continue;
            }
            let (found, end) = read(&file).unwrap();
            assert_eq!(found, entries[..[0, 2, 3][block - 1]], "{place}.{bit}");
            // A length that was flipped may lead beyond the end of the file.
            let offset = ends[block - 1] as u64;
            match end {
                Ok(lost) => assert_eq!(lost.map(|lost| lost.offset), Some(offset), "{place}.{bit}"),
                Err(error) => {
                    let named = format!("in its block at byte {offset}: ");
                    assert!(error.message().contains(&named), "{place}.{bit}: {error}");
                }
            }
        }
    }
}

#[test]
fn nothing_comes_after_the_damage() {
    let (_, mut file, ends) = sample();
    file[ends[1] + 20] ^= 1;
    let mut reader = Reader::new(&file[..]).unwrap();
    while let Ok(Some(_)) = reader.next_entry() {}
    assert!(reader.next_entry().is_err() && reader.next_entry().is_err());
}

#[test]
fn blocks_end_when_they_are_full_or_a_second_old() {
    let count = |entries: &[Owned]| file(entries, &[]).windows(4).filter(|four| *four == MAGIC).count() - 1;
    const MAGIC: [u8; 4] = [0x04, 0x22, 0x4D, 0x18];
    let at = |nanos: i64, size: usize| (nanos, Hub::Market, What::Received, vec![b'x'; size]);
    assert_eq!(count(&[at(0, 1), at(999_999_999, 1)]), 1);
    assert_eq!(count(&[at(0, 1), at(1_000_000_000, 1), at(1_000_000_001, 1)]), 2);
    assert_eq!(count(&[at(0, FULL - 100), at(0, 1), at(0, 100), at(0, 1)]), 2);
}

#[test]
fn the_largest_entry_passes_and_a_larger_one_is_refused() {
    // Does not compress.
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    let data: Vec<u8> = (0..LONGEST_DATA).map(|_| noise()).collect();
    let before = (1, Hub::User, What::Received, vec![b'x'; FULL - 200]);
    let entries = [before, (2, Hub::User, What::Received, data)];
    let (found, end) = read(&file(&entries, &[])).unwrap();
    assert!(found == entries && end.unwrap().is_none());
    let mut writer = Writer::new(Vec::new(), &header()).unwrap();
    let large = vec![0; LONGEST_DATA + 1];
    let entry = Entry { at: Timestamp::from_nanos(0), hub: Hub::User, what: What::Sent, data: &large };
    assert_eq!(writer.append(&entry).unwrap_err().kind(), Kind::Argument);
}

#[test]
fn a_hostile_block_takes_no_more_memory_than_a_block_may() {
    let mut hostile = file(&[], &[]);
    let begin = hostile.len();
    hostile.extend(super::block::compress(&vec![b'x'; LARGEST + 1]).unwrap());
    let (_, end) = read(&hostile).unwrap();
    let error = end.unwrap_err();
    assert!(error.message().contains(&format!("at byte {begin}: it holds more than")), "{error}");
    // A length beyond all measure, and bytes that never end.
    let mut endless = file(&[], &[]);
    endless.extend([0x04, 0x22, 0x4D, 0x18, 0x64, 0x40, 0xA7, 0xFF, 0xFF, 0xFF, 0x7F]);
    let mut reader = Reader::new(std::io::Read::chain(&endless[..], std::io::repeat(0))).unwrap();
    let error = reader.next_entry().unwrap_err();
    assert!(error.message().contains("larger than a block may be"), "{error}");
    let begin = file(&[], &[]);
    let mut reader = Reader::new(std::io::Read::chain(&begin[..], std::io::repeat(0))).unwrap();
    assert!(reader.next_entry().unwrap_err().message().contains("no block begins here"));
}

#[test]
fn lines_that_are_no_entries_are_told() {
    for line in [
        "x",
        "\n",
        "1 market received 5 abc\n",
        "1 market received 3 abcd\n",
        "1 market received -3 abc\n",
        "1 market received 3 abc",
        "1 bank received 3 abc\n",
        "1 market lost 3 abc\n",
        "1e3 market received 3 abc\n",
        "1 market received 99999999999999999999 abc\n",
        "tradeforge-recording 1 created=1\n",
    ] {
        let mut file = file(&[], &[]);
        let begin = file.len();
        file.extend(super::block::compress(line.as_bytes()).unwrap());
        let (found, end) = read(&file).unwrap();
        assert!(found.is_empty());
        let error = end.unwrap_err();
        assert!(error.message().contains(&format!("at byte {begin}: a line in it")), "{line:?}: {error}");
    }
}

#[test]
fn foreign_files_are_told_apart() {
    for (file, why) in [
        (b"".to_vec(), "is empty"),
        (b"PK\x03\x04".to_vec(), "does not begin as a recording does"),
        (b"\x04\x22".to_vec(), "ends within its first block"),
        (super::block::compress(b"hello\n").unwrap(), "no recording of this program"),
        (
            super::block::compress(b"tradeforge-recording 1 created=1").unwrap(),
            "no recording of this program",
        ),
        (super::block::compress(b"tradeforge-recording 9 created=1\n").unwrap(), "its format 9 is not 1"),
    ] {
        let error = read(&file).unwrap_err();
        assert!(error.message().contains(why), "{error}");
    }
}

#[test]
fn a_file_that_is_there_stays_unless_it_may_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.lz4");
    std::fs::write(&path, "precious").unwrap();
    let error = Writer::create(&path, IfExists::Refuse, &header()).unwrap_err();
    assert!(error.kind() == Kind::File && error.message().contains("there already"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    drop(Writer::create(&path, IfExists::Replace, &header()).unwrap());
    assert_eq!(Reader::open(&path).unwrap().header(), &header());
    let error = Reader::open(&folder.path().join("none")).unwrap_err();
    assert!(error.message().contains("none cannot be read"), "{error}");
}

/// Pipes bytes through the `lz4` tool; `None` when it is not installed.
fn lz4(arguments: &[&str], input: Vec<u8>) -> Option<Vec<u8>> {
    let mut child =
        match Command::new("lz4").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(_) => {
                assert!(
                    std::env::var_os("TF_REQUIRE_TOOLS").is_none(),
                    "lz4 is not installed; scripts/install-test-tools.sh does it"
                );
                // To stderr by hand: the library prints nothing otherwise.
                let _ = writeln!(std::io::stderr(), "skipped: lz4 is not installed");
                return None;
            }
        };
    let mut stdin = child.stdin.take().unwrap();
    let feed = std::thread::Builder::new().spawn(move || stdin.write_all(&input)).unwrap();
    let output = child.wait_with_output().unwrap();
    feed.join().unwrap().unwrap();
    assert!(output.status.success());
    Some(output.stdout)
}

#[test]
fn the_lz4_tool_reads_a_recording_as_text_and_its_own_can_be_read() {
    let (entries, file, _) = sample();
    let Some(text) = lz4(&["-dc"], file) else { return };
    let expected = "tradeforge-recording 1 created=1795265190123456789 market=rtc.example user=\n\
                    1 market opened 0 \n\
                    2 market sent 32 {\"protocol\":\"json\",\"version\":1}\u{1e}\n\
                    3 market received 3 {}\u{1e}\n\
                    4 user received 22 {\"type\":6}\u{1e}{\"type\":6}\u{1e}\n\
                    5 market closed 33 the gateway closed the connection\n";
    assert_eq!(String::from_utf8(text.clone()).unwrap(), expected);
    let compressed = lz4(&["-zc"], text).unwrap();
    assert_eq!(read(&compressed).unwrap().0, entries);
}
