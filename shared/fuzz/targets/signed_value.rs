//! Only what the ring signed verifies.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twinjar_shared::signature::KeyRing;

fuzz_target!(|text: &str| {
    let secrets = ["a first secret of thirty-two octets", "a second secret of thirty-two octets"];
    let Ok(ring) = KeyRing::from_secrets(secrets) else { return };
    if let Some(verified) = ring.verify(text) {
        // Nobody can forge a signature: the input has found one only if it was among the seeds.
        let Ok(signer) = KeyRing::from_secrets([secrets[verified.key_index]]) else { return };
        assert_eq!(signer.sign(verified.value), text);
    }
    let signed = ring.sign(text);
    assert_eq!(ring.verify(&signed).map(|verified| verified.value), Some(text));
    assert!(ring.verify(&signed[..signed.len() - 1]).is_none());
    let cookie = ring.sign_cookie(text);
    assert!(cookie.as_str().starts_with("s%3A"));
    let _ = ring.verify_cookie(text);
});
