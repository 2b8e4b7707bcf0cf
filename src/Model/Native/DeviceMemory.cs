using System.Runtime.InteropServices;
using TorchSharp;

namespace Orca.Model.Native;

/// <summary>How much memory a device has left, by its driver, or the machine by its system.</summary>
public static unsafe class DeviceMemory
{
    /// <summary>Bytes that may still be taken; null where the driver does not say.</summary>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    public static long? FreeBytes(string device)
    {
        var where = torch.device(device);
        return where.type == DeviceType.CPU ? MachineMemory.AvailableBytes() : FreeOnCuda(Math.Max(0, where.index));
    }

    // By the CUDA runtime that libtorch has loaded: a second one would not know its context.
    private static long? FreeOnCuda(int index)
    {
        var library = File.ReadLines("/proc/self/maps").Select(line => line[(line.LastIndexOf(' ') + 1)..])
            .FirstOrDefault(path => Path.GetFileName(path).StartsWith("libcudart", StringComparison.Ordinal));
        if (library is null || !NativeLibrary.TryLoad(library, out var handle))
        {
            return null;
        }

        nuint free, total;
        var set = (delegate* unmanaged<int, int>)NativeLibrary.GetExport(handle, "cudaSetDevice");
        var ask = (delegate* unmanaged<nuint*, nuint*, int>)NativeLibrary.GetExport(handle, "cudaMemGetInfo");
        return set(index) == 0 && ask(&free, &total) == 0 ? (long)free : null;
    }
}
