//! Who is admitted, and what a request may ask for.

use super::*;

fn lease(toml: &str) -> Lease {
    let config: LeaseConfig = toml::from_str(toml).unwrap();
    Lease::from_config(&config).unwrap()
}

fn leases(text: &[&str]) -> Leases {
    let gpu = |ordinal| PhysicalGpu {
        ordinal,
        name: "soft".into(),
        memory_bytes: 16 << 30,
    };
    let inventory = Inventory {
        gpus: vec![gpu(0), gpu(1)],
    };
    Leases::new(text.iter().map(|text| lease(text)).collect(), &inventory)
}

fn token(text: &str) -> Option<Token> {
    Some(Token(text.into()))
}

#[test]
fn authorise_by_token_finds_its_lease() {
    let all = leases(&["name='a'\ntoken='x'", "name='b'\ntoken='y'"]);
    let found = all
        .authorise(token("y").as_ref(), &Peer::stranger())
        .unwrap();
    assert_eq!(found.lease.name, "b");
}

#[test]
fn authorise_by_digest_accepts_the_secret() {
    let hex = rigel_protocol::pool::to_hex(&digest("secret"));
    let all = leases(&[&format!("name='a'\ntoken_sha256='{hex}'")]);
    assert!(
        all.authorise(token("secret").as_ref(), &Peer::stranger())
            .is_ok()
    );
}

#[test]
fn token_made_at_run_time_opens_its_lease_within_its_scope() {
    let all = leases(&["name='a'\ntoken='x'\nmemory='8G'"]);
    let wanted = rigel_protocol::control::NewToken {
        scope: Request {
            memory_bytes: Some(2 << 30),
            ..Request::default()
        },
        ..Default::default()
    };
    let made = all
        .tokens
        .make(&wanted, 0, |_| Ok(("a".into(), false)))
        .unwrap();
    let secret = token(made["token"].as_str().unwrap());
    let placed = all.authorise(secret.as_ref(), &Peer::stranger()).unwrap();
    let ask = |memory_bytes| {
        let request = Request {
            memory_bytes,
            ..Request::default()
        };
        let within = all.request(secret.as_ref(), placed, &request);
        within
            .map(|request| request.memory_bytes)
            .map_err(|r| r.cause)
    };
    assert_eq!(ask(None), Ok(Some(2 << 30)));
    assert_eq!(ask(Some(1 << 30)), Ok(Some(1 << 30)));
    assert_eq!(ask(Some(3 << 30)), Err(RefusalCause::QuotaExceeded));
    placed.lease.set_terms(LiveTerms {
        memory: Some(1 << 30),
        ..placed.lease.terms()
    });
    assert_eq!(ask(None), Ok(Some(1 << 30)), "the lease holds less by now");
}

#[test]
fn authorise_strangers_is_refused() {
    let all = leases(&["name='a'\ntoken='x'\nuids=[7]"]);
    let long = "x".repeat(TOKEN_BYTES_MAX + 1);
    for (offered, peer) in [
        (token("z"), Peer::stranger()),
        (token(""), Peer::Local { uid: 7, pid: 1 }),
        (token(&long), Peer::stranger()),
        (None, Peer::stranger()),
        (None, Peer::Local { uid: 8, pid: 1 }),
    ] {
        let refusal = all.authorise(offered.as_ref(), &peer).unwrap_err();
        assert_eq!(refusal.cause, RefusalCause::Unauthorized);
    }
    assert!(all.authorise(None, &Peer::Local { uid: 7, pid: 1 }).is_ok());
}

#[test]
fn grant_request_can_only_lower() {
    let all = leases(&["name='a'\ntoken='x'\ngpus=2\nmemory='8G'"]);
    let lease = all.iter().next().unwrap();
    let ask = |gpus, memory_bytes, compute_percent| {
        lease
            .grant(&Request {
                gpus,
                memory_bytes,
                compute_percent,
            })
            .map_err(|r| r.cause)
    };
    assert_eq!(ask(None, None, None).unwrap().len(), 2);
    assert_eq!(
        ask(Some(1), Some(1 << 30), None).unwrap()[0].quota_bytes,
        1 << 30
    );
    assert_eq!(ask(Some(3), None, None), Err(RefusalCause::QuotaExceeded));
    assert_eq!(ask(Some(0), None, None), Err(RefusalCause::QuotaExceeded));
    assert_eq!(
        ask(None, Some(9 << 30), None),
        Err(RefusalCause::QuotaExceeded)
    );
    assert!(ask(None, None, Some(50)).is_ok());
    assert_eq!(ask(None, None, Some(0)), Err(RefusalCause::QuotaExceeded));
}

#[test]
fn seeing_some_gpus_grants_them_in_the_order_of_the_client() {
    let all = leases(&["name='a'\ntoken='x'\ngpus=2"]);
    let lease = all.iter().next().unwrap();
    let profile = |bus: u32| DeviceProfile {
        name: String::new(),
        uuid: [bus as u8; 16],
        total_bytes: 0,
        pci: rigel_protocol::custom::PciAddress {
            domain: 0,
            bus,
            device: 0,
        },
        attributes: Vec::new(),
    };
    let see = |gpus: Option<u32>, names: &str| {
        let visible = VisibleDevices {
            names: Some(names.to_owned()),
            by_pci: false,
        };
        let request = Request {
            gpus,
            ..Request::default()
        };
        lease.seeing(request, &visible, &[profile(1), profile(2)])
    };
    let granted = |asks: &Asks, full: &[u32]| {
        let granted = lease.grant_beside(asks, &full.iter().copied().collect());
        granted
            .map(|grants| {
                grants
                    .iter()
                    .map(|grant| grant.physical)
                    .collect::<Vec<_>>()
            })
            .map_err(|refusal| refusal.cause)
    };
    let turned = see(None, "1,0").unwrap();
    assert_eq!(granted(&turned, &[]), Ok(vec![1, 0]));
    let second = see(None, "GPU-02").unwrap();
    assert_eq!(second.gpus(), Some(1));
    assert_eq!(granted(&second, &[0]), Ok(vec![1]), "the first may be full");
    assert_eq!(granted(&second, &[1]), Err(RefusalCause::TooManySessions));
    for (gpus, names) in [(None, "2"), (None, "0,0"), (Some(1), "1")] {
        let refusal = see(gpus, names).unwrap_err();
        assert_eq!(refusal.cause, RefusalCause::UnknownGpu, "{names}");
    }
}

#[test]
fn compute_of_a_session_is_the_lease_maximum_or_less() {
    let all = leases(&["name='a'\ntoken='x'\ncompute='20..50'"]);
    let lease = all.iter().next().unwrap();
    let ask = |compute_percent| {
        let request = Request {
            compute_percent,
            ..Request::default()
        };
        lease.compute_max(&request).map_err(|r| r.cause)
    };
    assert_eq!(ask(None), Ok(100), "the lease's own holds beside it");
    assert_eq!(ask(Some(10)), Ok(10));
    assert_eq!(ask(Some(51)), Err(RefusalCause::QuotaExceeded));
}

#[test]
fn leases_guaranteed_more_than_there_is_are_refused_with_the_reason() {
    let all = leases(&[
        "name='a'\ntoken='x'\non=[0]\ncompute='60..'",
        "name='b'\ntoken='y'\non=[0]\ncompute='50..'",
    ]);
    let gpus: Vec<_> = all.iter().map(|placed| placed.gpus.clone()).collect();
    assert!(gpus[0].is_ok());
    let refusal = gpus[1].clone().unwrap_err();
    assert_eq!(refusal.cause, RefusalCause::CannotEnforce);
    assert!(
        refusal.message.contains("at most 40 %"),
        "{}",
        refusal.message
    );
}

#[test]
fn grant_lease_on_unknown_gpu_says_so() {
    let all = leases(&["name='a'\ntoken='x'\non=[5]"]);
    let refusal = all
        .iter()
        .next()
        .unwrap()
        .grant(&Request::default())
        .unwrap_err();
    assert_eq!(refusal.cause, RefusalCause::UnknownGpu);
    assert!(refusal.message.contains('5'), "{}", refusal.message);
}

#[test]
fn lease_of_more_memory_than_any_gpu_has_is_refused() {
    let all = leases(&["name='a'\ntoken='x'\nmemory='1T'"]);
    let refusal = all
        .iter()
        .next()
        .unwrap()
        .grant(&Request::default())
        .unwrap_err();
    assert_eq!(refusal.cause, RefusalCause::CannotEnforce);
    assert!(refusal.message.contains("16 GiB"), "{}", refusal.message);
}
