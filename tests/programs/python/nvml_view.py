"""nvidia-ml-py against libnvidia-ml.so.1: the devices of this process, as monitors show them."""

import pynvml

from attest import attest


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def optional(query, *arguments):
    """What a monitor shows as N/A where a virtual GPU has no such figure."""
    try:
        return query(*arguments)
    except pynvml.NVMLError as error:
        assert error.value == pynvml.NVML_ERROR_NOT_SUPPORTED, error
        return None


def main():
    pynvml.nvmlInit()
    count = pynvml.nvmlDeviceGetCount()
    assert count >= 1
    driver = pynvml.nvmlSystemGetCudaDriverVersion()
    assert driver >= 13000 and text(pynvml.nvmlSystemGetDriverVersion())
    for index in range(count):
        handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
        assert 0 < memory.total and memory.used + memory.free == memory.total
        uuid = text(pynvml.nvmlDeviceGetUUID(handle))
        assert uuid.startswith("GPU-")
        same = pynvml.nvmlDeviceGetHandleByUUID(uuid)
        assert pynvml.nvmlDeviceGetIndex(same) == index
        bus = text(pynvml.nvmlDeviceGetPciInfo(handle).busId)
        assert pynvml.nvmlDeviceGetIndex(pynvml.nvmlDeviceGetHandleByPciBusId(bus)) == index
        utilization = optional(pynvml.nvmlDeviceGetUtilizationRates, handle)
        assert utilization is None or 0 <= utilization.gpu <= 100
        sensor = pynvml.NVML_TEMPERATURE_GPU
        temperature = optional(pynvml.nvmlDeviceGetTemperature, handle, sensor)
        assert temperature is None or 0 <= temperature < 150
        processes = pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
        assert isinstance(processes, list)
        print(index, text(pynvml.nvmlDeviceGetName(handle)), memory.total)
        capability = pynvml.nvmlDeviceGetCudaComputeCapability(handle)
        print(f"capability {capability[0]}.{capability[1]}, cuda {driver}")
    try:
        pynvml.nvmlDeviceGetHandleByIndex(count)
    except pynvml.NVMLError as error:
        assert error.value == pynvml.NVML_ERROR_INVALID_ARGUMENT, error
    else:
        raise AssertionError("a device past the last one has a handle")
    pynvml.nvmlShutdown()
    attest("libnvidia-ml.so.1")


main()
