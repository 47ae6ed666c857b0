//! Launches: checked here as far as limits are known, then posted. Read [`Launches`] for [`Remote`]
//! first.
//!
//! A launch that CUDA would refuse at the call is refused at this very call; what only shows itself on
//! the GPU is latched and returned by a synchronising call. On this way there is no lock, no hash and,
//! while the worker is awake, no system call; `cargo xtask bench path` counts the instructions.

use rigel_protocol::custom::{DeviceProfile, FunctionInfo, HostCallback, LaunchConfig, Launches};
use rigel_protocol::generated::calls::Call;
use rigel_protocol::generated::types::{CUdevice_attribute, CUfunction_attribute};
use rigel_protocol::handle::{Device, Function, Stream};
use rigel_protocol::link::LaunchHost;
use rigel_protocol::link::launch::{ATTRIBUTES_MAX, put_launch};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::remote::Remote;

impl Launches for Remote {
    fn launch(
        &self,
        cx: Cx,
        function: Function,
        config: &LaunchConfig<'_>,
        params: &[u8],
    ) -> CuResult<()> {
        self.check(config.stream)?;
        let session = self.session()?;
        let device = session.contexts.device(cx.context).unwrap_or(Device(0));
        let profile = usize::try_from(device.0)
            .ok()
            .and_then(|ordinal| session.welcome.devices.get(ordinal))
            .ok_or(CuError::INVALID_CONTEXT)?;
        let functions = &session.images.functions;
        functions.with(function, |info| check_launch(info, profile, config, params))??;
        let mut request = self.request(cx, Call::LAUNCH)?;
        put_launch(&mut request, function, config, params);
        self.post(request)
    }

    fn launch_host(
        &self,
        cx: Cx,
        stream: Stream,
        callback: HostCallback,
        even_after_error: bool,
    ) -> CuResult<()> {
        self.check(stream)?;
        let session = self.session()?;
        // A captured function is called at every replay, so that it is kept for good.
        let once = !session.streams.captures_anything();
        let number = session.hosts.register(callback, once)?;
        let mut request = self.request(cx, Call::LAUNCH_HOST)?;
        request.put(&LaunchHost {
            stream,
            callback: number,
            even_after_error,
        });
        self.post(request)
            .inspect_err(|_| session.hosts.forget(number))
    }
}

/// Refuses what cannot run on this device, with CUDA's codes.
fn check_launch(
    info: &FunctionInfo,
    profile: &DeviceProfile,
    config: &LaunchConfig<'_>,
    params: &[u8],
) -> CuResult<()> {
    use CUdevice_attribute as D;
    use CUfunction_attribute as F;

    let device = |attribute: CUdevice_attribute| limit(profile.attribute(attribute.0 as i32));
    let function = |attribute: CUfunction_attribute| {
        limit(
            info.attributes
                .get(attribute.0 as usize)
                .copied()
                .unwrap_or(0),
        )
    };
    let blocks = [
        D::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X,
        D::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y,
        D::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z,
    ];
    let grids = [
        D::CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X,
        D::CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y,
        D::CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z,
    ];
    for axis in 0..3 {
        let (grid, block) = (u64::from(config.grid[axis]), u64::from(config.block[axis]));
        if grid == 0 || block == 0 || grid > device(grids[axis]) || block > device(blocks[axis]) {
            return Err(CuError::INVALID_VALUE);
        }
    }
    let threads: u64 = config.block.iter().map(|&n| u64::from(n)).product();
    let threads_max = device(D::CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
    if threads > threads_max {
        return Err(CuError::INVALID_VALUE);
    }
    if threads > function(F::CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK) {
        // Too many registers are a lack of resources; a limit that the code declares is a rule.
        let registers = function(F::CU_FUNC_ATTRIBUTE_NUM_REGS);
        let all = device(D::CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK);
        return Err(match registers.saturating_mul(threads) > all {
            true => CuError::LAUNCH_OUT_OF_RESOURCES,
            false => CuError::INVALID_VALUE,
        });
    }
    let shared = u64::from(config.shared_bytes);
    if shared > function(F::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) {
        return Err(CuError::INVALID_VALUE);
    }
    if params.len() != info.param_bytes() || config.attributes.len() > ATTRIBUTES_MAX {
        return Err(CuError::INVALID_VALUE);
    }
    Ok(())
}

/// A limit; one that is not known limits nothing.
fn limit(value: i32) -> u64 {
    match u64::try_from(value) {
        Ok(0) | Err(_) => u64::MAX,
        Ok(value) => value,
    }
}

#[cfg(test)]
mod tests {
    use rigel_protocol::custom::PciAddress;

    use super::*;

    fn profile() -> DeviceProfile {
        let mut attributes = vec![0; 160];
        attributes[1] = 1024;
        attributes[2..5].copy_from_slice(&[1024, 1024, 64]);
        attributes[12] = 65_536;
        attributes[5..8].copy_from_slice(&[i32::MAX, 65535, 65535]);
        DeviceProfile {
            name: "test".into(),
            uuid: [0; 16],
            total_bytes: 1 << 30,
            pci: PciAddress::default(),
            attributes,
        }
    }

    fn launch(grid: [u32; 3], block: [u32; 3], shared_bytes: u32) -> CuResult<()> {
        let mut info = FunctionInfo::default();
        info.attributes[0] = 512;
        info.attributes[4] = 96;
        info.attributes[8] = 49_152;
        let config = LaunchConfig {
            grid,
            block,
            shared_bytes,
            stream: Stream::LEGACY,
            cooperative: false,
            attributes: &[],
        };
        check_launch(&info, &profile(), &config, &[])
    }

    #[test]
    fn launch_within_all_limits_is_accepted() {
        assert_eq!(launch([1, 1, 1], [512, 1, 1], 49_152), Ok(()));
    }

    #[test]
    fn launch_beyond_a_limit_gets_cudas_code() {
        for (grid, block, shared, error) in [
            ([0, 1, 1], [1, 1, 1], 0, CuError::INVALID_VALUE),
            ([1, 1, 1], [1, 0, 1], 0, CuError::INVALID_VALUE),
            ([1, 65536, 1], [1, 1, 1], 0, CuError::INVALID_VALUE),
            ([1, 1, 1], [1, 1, 65], 0, CuError::INVALID_VALUE),
            ([1, 1, 1], [64, 64, 1], 0, CuError::INVALID_VALUE),
            ([1, 1, 1], [513, 1, 1], 0, CuError::INVALID_VALUE),
            ([1, 1, 1], [768, 1, 1], 0, CuError::LAUNCH_OUT_OF_RESOURCES),
            ([1, 1, 1], [1, 1, 1], 49_153, CuError::INVALID_VALUE),
        ] {
            assert_eq!(
                launch(grid, block, shared),
                Err(error),
                "{grid:?} {block:?} {shared}"
            );
        }
    }
}
